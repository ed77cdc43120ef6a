// Parses any bytes as a .npz file: this succeeds or throws FormatError; the arrays match the names;
// and an archive written with the same members has the same contents.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "autodiff/core/error.hpp"
#include "autodiff/io/npz.hpp"
#include "autodiff/io/zip.hpp"

namespace chainrule::fuzz {

inline void npz(std::string_view bytes) {
  const auto require = [](bool holds, const char* what) {
    if (!holds) throw std::logic_error(what);
  };
  try {
    std::string held;
    for (const ZipEntry& entry : zip_entries(bytes, "data")) {
      require(entry.size <= 1032 * bytes.size() + 1031, "more than can be");
      try {
        held = unzip(entry, "data");
        require(held.size() == entry.size, "another size");
        require(unzip_head(entry, 20, "data") == held.substr(0, 20), "another head");
        ZipWriter writer;
        writer.add(entry.name, held);
        std::string archive;
        for (const std::string_view piece : writer.pieces()) archive += piece;
        const auto again = zip_entries(archive, "again");
        require(again.size() == 1 && unzip(again.front(), "again") == held, "another member");
      } catch (const FormatError&) {
      }
    }
    const auto arrays = parse_npz(bytes, "data");
    std::size_t i = 0;
    for (const NpzMember& member : npz_members(bytes, "data")) {
      if (!member.is_readable()) continue;
      require(i < arrays.size() && arrays[i].first == member.name, "another name");
      require(arrays[i].second.has_shape(member.shape), "another shape");
      require(parse_npz_array(bytes, member.name, "data").size() == arrays[i].second.size(),
              "size");
      ++i;
    }
    require(i == arrays.size(), "more arrays than members");
  } catch (const FormatError&) {
  }
}

}  // namespace chainrule::fuzz

// Parses any bytes as an IDX file: this succeeds or throws FormatError, and the parts are
// consistent.
#pragma once

#include <span>
#include <stdexcept>
#include <string_view>

#include "autodiff/core/error.hpp"
#include "nn/data/idx.hpp"

namespace chainrule::fuzz {

inline void idx(std::string_view bytes) {
  try {
    const nn::Idx file = nn::parse_idx(std::as_bytes(std::span(bytes)));
    std::size_t size = nn::element_bytes(file.type);
    for (const std::int64_t extent : file.shape) size *= static_cast<std::size_t>(extent);
    if (file.bytes.size() != size || file.values().size() != file.size())
      throw std::logic_error("the data does not fit the shape");
  } catch (const FormatError&) {
  }
}

}  // namespace chainrule::fuzz

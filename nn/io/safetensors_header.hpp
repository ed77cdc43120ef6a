// The header of a safetensors file: names, types, shapes and positions of the tensors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "autodiff/core/language.hpp"

namespace chainrule::nn::detail {

/// A tensor as the header describes it. Its bytes are [begin, end) after the header.
struct SafetensorsEntry {
  std::string name, dtype;
  std::size_t at = 0;  ///< position of its name in the file
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0, end = 0;
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;  ///< in the order of the file
  std::map<std::string, std::string, std::less<>> metadata;
  std::size_t data_at = 0;  ///< position of the data in the file
};

/// Parses the header of a whole file. Throws FormatError, which names the byte, if the header is
/// invalid or if a byte after it does not belong to exactly one tensor. Does not check the sizes of
/// tensors against their element types.
SafetensorsHeader parse_safetensors_header(std::string_view bytes, const std::string& file);

}  // namespace chainrule::nn::detail

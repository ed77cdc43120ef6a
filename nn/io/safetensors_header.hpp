// The header of a safetensors file: what tensors there are and where they lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace chainrule::nn::detail {

/// A tensor as the header describes it. Its bytes are begin ... end behind the header.
struct SafetensorsEntry {
  std::string name, dtype;
  std::size_t at = 0;  ///< where in the file its name stands
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0, end = 0;
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;  ///< in the order of the file
  std::map<std::string, std::string, std::less<>> metadata;
  std::size_t data_at = 0;  ///< bytes before the elements
};

/// Reads the header of a file of which all bytes are given, and checks it against their number.
/// Throws FormatError, naming the byte, unless every byte behind it belongs to exactly one tensor.
/// It does not know the element types' sizes.
SafetensorsHeader parse_safetensors_header(std::string_view bytes, const std::string& file);

/// The text in quotes, as JSON has it. Throws FormatError if it is no UTF-8.
std::string json_string(std::string_view text);

[[noreturn]] void fail_at_byte(const std::string& file, std::uint64_t byte,
                               const std::string& what);

}  // namespace chainrule::nn::detail

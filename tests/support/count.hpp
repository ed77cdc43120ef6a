// Counts parts of a text.
#pragma once

#include <cstddef>
#include <string>

/// How often a part is in a text; occurrences may overlap.
inline std::size_t count(const std::string& text, const std::string& part) {
  std::size_t result = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++result;
  return result;
}

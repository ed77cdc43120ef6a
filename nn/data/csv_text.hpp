// Spaces and line ends in the texts of tables.
#pragma once

#include <cstddef>
#include <string_view>

#include "autodiff/core/language.hpp"

namespace chainrule::nn::detail {

/// Without the spaces and tabs around it.
inline std::string_view trimmed(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t");
  if (start == text.npos) return {};
  return text.substr(start, text.find_last_not_of(" \t") - start + 1);
}

/// The number of line ends: LF, CRLF or CR.
inline std::size_t line_ends(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n')))
      ++count;
  return count;
}

}  // namespace chainrule::nn::detail

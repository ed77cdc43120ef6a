// Texts of fields and names, as messages show them.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "autodiff/core/language.hpp"

namespace chainrule::nn::detail {

/// A text for messages: shortened, without control characters.
inline std::string shown(std::string_view text) {
  constexpr std::size_t max_length = 40;
  std::string result(text.substr(0, max_length));
  for (char& c : result)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return text.size() > max_length ? result + "..." : result;
}

/// Names for messages: the first few of them.
template <class Text>
std::string listed(const std::vector<Text>& names) {
  constexpr std::size_t most = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i)
    text += (i > 0 ? ", " : "") + shown(names[i]);
  return names.size() > most ? fmt::format("{}, ... ({} in all)", text, names.size()) : text;
}

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

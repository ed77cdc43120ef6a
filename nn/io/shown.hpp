// Texts of files, as messages show them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "autodiff/core/language.hpp"

namespace chainrule::nn::detail {

/// A text for messages: shortened, without control characters.
inline std::string shown(std::string_view text) {
  constexpr std::size_t longest = 40;
  std::string result(text.substr(0, longest));
  for (char& c : result)
    if (static_cast<unsigned char>(c) < 0x20) c = '?';
  return text.size() > longest ? result + "..." : result;
}

/// Names for messages: the first few of them.
template <class Text>
std::string listed(const std::vector<Text>& names) {
  constexpr std::size_t most = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i)
    text += (i > 0 ? ", " : "") + shown(names[i]);
  return names.size() > most ? text + ", ... (" + std::to_string(names.size()) + " in all)" : text;
}

}  // namespace chainrule::nn::detail

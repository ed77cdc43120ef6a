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

constexpr std::size_t most_listed = 20;

/// Names for messages: the first few of them.
template <class Text>
std::string listed(const std::vector<Text>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most_listed); ++i)
    text += (i > 0 ? ", " : "") + shown(names[i]);
  return names.size() > most_listed ? text + ", ... (" + std::to_string(names.size()) + " in all)"
                                    : text;
}

/// The first difference of lists that are too long for listed() to show it; else empty.
inline std::string difference(const std::vector<std::string>& x,
                              const std::vector<std::string>& y) {
  std::size_t i = 0;
  while (i < x.size() && i < y.size() && x[i] == y[i]) ++i;
  if (i < most_listed || i == x.size() || i == y.size()) return "";
  return " (the first difference, counted from 0, is number " + std::to_string(i) + ": '" +
         shown(x[i]) + "' and '" + shown(y[i]) + "')";
}

}  // namespace chainrule::nn::detail

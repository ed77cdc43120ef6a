// Parses any text as a number: if it is accepted, the value is that of strtod.
#pragma once

#include <cmath>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "autodiff/core/bits.hpp"
#include "nn/io/number.hpp"

namespace chainrule::fuzz {

/// Assumes the C locale, which is the default.
inline void number(std::string_view bytes) {
  const std::optional<double> value = nn::parse_number(bytes);
  const std::string text(bytes);
  char* end = nullptr;
  const double expected = std::strtod(text.c_str(), &end);
  std::size_t used = static_cast<std::size_t>(end - text.c_str());
  while (used < text.size() && (text[used] == ' ' || text[used] == '\t')) ++used;
  // strtod also accepts hexadecimal numbers, nan(...), other kinds of white space, and overflow.
  const bool plain = text.find_first_of("xX(\n\v\f\r") == text.npos;
  const bool overflow = std::isinf(expected) && text.find_first_of("iI") == text.npos;
  const bool is_number = end != text.c_str() && used == text.size() && plain && !overflow;
  if (is_number != value.has_value()) throw std::logic_error("a number or not?");
  if (value && !std::isnan(*value) && detail::bits_of(*value) != detail::bits_of(expected))
    throw std::logic_error("another number");
}

}  // namespace chainrule::fuzz

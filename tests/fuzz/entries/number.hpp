// Any text as a number: what is taken for one is what strtod reads from it.
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

/// In the C locale, which a program has unless it asks for another.
inline void number(std::string_view bytes) {
  const std::optional<double> value = nn::parse_number(bytes);
  const std::string text(bytes);
  char* end = nullptr;
  const double expected = std::strtod(text.c_str(), &end);
  std::size_t used = static_cast<std::size_t>(end - text.c_str());
  while (used < text.size() && (text[used] == ' ' || text[used] == '\t')) ++used;
  // strtod also knows hexadecimal numbers, nan(...), further kinds of space, and overflows.
  const bool plain = text.find_first_of("xX(\n\v\f\r") == text.npos;
  const bool overflow = std::isinf(expected) && text.find_first_of("iI") == text.npos;
  const bool is_number = end != text.c_str() && used == text.size() && plain && !overflow;
  if (is_number != value.has_value()) throw std::logic_error("a number or not?");
  if (value && !std::isnan(*value) && bits_of(*value) != bits_of(expected))
    throw std::logic_error("another number");
}

}  // namespace chainrule::fuzz

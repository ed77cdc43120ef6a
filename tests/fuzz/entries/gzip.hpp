// Reads any bytes as gzip data: never unpacks more than the limit, and the head is a prefix of the
// whole.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "autodiff/core/error.hpp"
#include "nn/io/gzip.hpp"

namespace chainrule::fuzz {

inline void gzip(std::string_view bytes) {
  constexpr std::uint64_t most = 100'000;
  try {
    const std::string head = nn::gunzip_head(bytes, 100, "data");
    const std::string all = nn::gunzip(bytes, most, "data");
    if (head.size() > 100 || all.size() > most || all.substr(0, 100) != head)
      throw std::logic_error("the head is not the beginning, or there is too much");
  } catch (const FormatError&) {
  }
}

}  // namespace chainrule::fuzz

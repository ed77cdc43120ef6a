// Parses any bytes as a .npy file: this succeeds or throws FormatError, and writing and reading the
// contents again gives the same.
#pragma once

#include <cmath>
#include <stdexcept>
#include <string>
#include <string_view>

#include "autodiff/core/bits.hpp"
#include "autodiff/core/error.hpp"
#include "autodiff/io/npy.hpp"

namespace chainrule::fuzz {

inline void npy(std::string_view bytes) {
  const auto require = [](bool holds, const char* what) {
    if (!holds) throw std::logic_error(what);
  };
  const auto written = [](std::string head, const void* data, std::size_t size) {
    return head.append(static_cast<const char*>(data), size);
  };
  try {
    const Array array = parse_npy(bytes, "data");
    const auto size = static_cast<std::size_t>(array.size());
    require(size <= bytes.size(), "more elements than bytes");
    const Shape shape(array.shape());
    const Array again = parse_npy(
        written(npy_head(array.dtype(), shape), array.data(), size * size_of(array.dtype())),
        "again");
    require(again.has_shape(shape) && again.dtype() == array.dtype(), "another shape");
    for (std::int64_t i = 0; i < array.size(); ++i) {
      const double x = array.element(i), y = again.element(i);
      require(detail::bits_of(x) == detail::bits_of(y) || (std::isnan(x) && std::isnan(y)),
              "another element");
    }
  } catch (const FormatError&) {
  }
  try {
    // Every header that can be parsed can be described, with the same shape.
    const NpyDescription description = describe_npy(bytes, "data");
    require(description.type.size() <= 40, "a long type");
    bool is_readable = true;
    try {
      require(parse_npy_header(bytes, "data").shape == description.shape, "another shape");
    } catch (const FormatError&) {
      is_readable = false;
    }
    require(is_readable == description.problem.empty(), "a wrong problem");
  } catch (const FormatError&) {
  }
  try {
    const Indices indices = parse_npy_indices(bytes, "data");
    const auto size = static_cast<std::size_t>(indices.size());
    require(size <= bytes.size(), "more indices than bytes");
    const Indices again = parse_npy_indices(
        written(npy_indices_head(indices.shape()), indices.data(), 8 * size), "again");
    require(again.to_vector() == indices.to_vector(), "other indices");
  } catch (const FormatError&) {
  }
}

}  // namespace chainrule::fuzz

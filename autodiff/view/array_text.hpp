// Arrays as text, in NumPy's format.
#pragma once

#include <concepts>
#include <string>

#include "autodiff/kernels/mask.hpp"
#include "autodiff/values/indices.hpp"

namespace chainrule {

/// The format of an array. The defaults are those of NumPy.
struct ArrayTextOptions {
  int precision = 8;              ///< maximum number of digits after the decimal point, 0 to 100
  bool suppress_small = false;    ///< prints 0.00000001 as 0. instead of switching to exponents
  std::int64_t threshold = 1000;  ///< larger arrays are shortened: only the edges are shown
  std::int64_t edge_items = 3;    ///< number of items shown at each end of an axis if shortened
  int line_width = 75;            ///< longer rows are continued on the next line
  int indent = 1;                 ///< indentation of continuation lines: after the bracket
  std::string separator = " ";    ///< between the numbers of a row
};

/// The elements as numpy.array2string() prints them: one row per line, the same precision for all.
/// Uses exponents if the numbers differ by more than a factor of 1000, or if any is beyond 10^8 or
/// below 10^-4. Shows only the edges of arrays with more than 1000 elements. Each number has as
/// many digits as needed to identify it in its element type, or is rounded to the precision. Cost:
/// proportional to the number of elements shown.
std::string text_of(const Array& x, const ArrayTextOptions& options = {});
std::string text_of(const Indices& x, const ArrayTextOptions& options = {});
/// Prints "True" and "False".
std::string text_of(const Mask& x, const ArrayTextOptions& options = {});

/// For any type whose value() is an Array, such as Tensor.
template <class T>
  requires requires(const T& x) {
    { x.value() } -> std::same_as<const Array&>;
  }
std::string text_of(const T& x, const ArrayTextOptions& options = {}) {
  return text_of(x.value(), options);
}

}  // namespace chainrule

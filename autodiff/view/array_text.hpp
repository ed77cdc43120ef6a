// Arrays as text, as NumPy prints them.
#pragma once

#include <concepts>
#include <string>

#include "autodiff/kernels/mask.hpp"
#include "autodiff/values/indices.hpp"

namespace chainrule {

/// How numbers are laid out; what stands here is NumPy's own.
struct ArrayTextOptions {
  int precision = 8;              ///< digits behind the point, at most; 0 to 100
  bool suppress_small = false;    ///< 0.00000001 prints as 0. instead of turning to exponents
  std::int64_t threshold = 1000;  ///< of more elements than this only the edges are shown
  std::int64_t edge_items = 3;    ///< what is shown at each end of an axis then
  int line_width = 75;            ///< rows that are longer go on in the next line
  int indent = 1;                 ///< where further lines begin: behind the bracket
  std::string separator = " ";    ///< between the numbers of a row
};

/// The elements as numpy.array2string() writes them: rows below each other, one precision for all,
/// exponents where the numbers differ by more than a factor of 1000 or are beyond 10^8 or below
/// 10^-4, and only the edges of what has more than 1000 elements. Each number is shown with as few
/// digits as tell it from its neighbours of the element type, or rounded to the precision.
/// Cost: of the elements that are shown.
std::string text_of(const Array& x, const ArrayTextOptions& options = {});
std::string text_of(const Indices& x, const ArrayTextOptions& options = {});
/// Of "True" and "False".
std::string text_of(const Mask& x, const ArrayTextOptions& options = {});

/// Of anything that has an Array for its value: a Tensor.
template <class T>
  requires requires(const T& x) {
    { x.value() } -> std::same_as<const Array&>;
  }
std::string text_of(const T& x, const ArrayTextOptions& options = {}) {
  return text_of(x.value(), options);
}

}  // namespace chainrule

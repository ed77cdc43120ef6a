// Stream output for the types of the library: std::cout << x. Not part of autodiff.hpp, so that
// only files that write to streams include <ostream>.
#pragma once

#include <concepts>
#include <ostream>

#include "autodiff/graph/tensor.hpp"
#include "autodiff/view/array_text.hpp"
#include "autodiff/view/gradient_text.hpp"

namespace chainrule {

/// Writes the value as the stream writes a double.
inline std::ostream& operator<<(std::ostream& out, const Var& x) { return out << x.value(); }

/// Writes the text of text_of(): arrays in NumPy's format, a gradient line by line, a shape as "[2,
/// 3]". The precision of the stream has no effect; text_of() takes options.
template <class T>
  requires(std::same_as<T, Array> || std::same_as<T, Tensor> || std::same_as<T, Gradient> ||
           std::same_as<T, Extents> || std::same_as<T, Indices> || std::same_as<T, Mask>)
std::ostream& operator<<(std::ostream& out, const T& x) { return out << text_of(x); }

}  // namespace chainrule

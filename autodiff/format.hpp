// Vars, tensors, arrays, gradients and shapes in fmt::format and fmt::print. Not part of
// autodiff.hpp, so that only files that format include fmt.
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "autodiff/graph/tensor.hpp"
#include "autodiff/view/array_text.hpp"
#include "autodiff/view/gradient_text.hpp"

namespace chainrule::detail {

/// Accepts "{}", "{:.3}" and "{:.3f}", where the number is the maximum number of digits after the
/// decimal point in arrays, and of significant digits in the single numbers of a gradient.
struct ArrayFormatter {
  constexpr auto parse(fmt::format_parse_context& context) {
    auto at = context.begin();
    if (at != context.end() && *at == '.') {
      digits = 0;
      for (++at; at != context.end() && *at >= '0' && *at <= '9' && digits < 1000; ++at)
        digits = 10 * digits + (*at - '0');
      if (at != context.end() && *at == 'f') ++at;
    }
    return at;
  }
  template <class T, class Context>
  auto format(const T& x, Context& context) const {
    ArrayTextOptions options;
    if (digits >= 0) options.precision = digits;
    const std::string text = text_of(x, options);
    return std::copy(text.begin(), text.end(), context.out());
  }

  int digits = -1;
};

template <>
inline constexpr bool has_formatter<Var> = true;
template <>
inline constexpr bool has_formatter<Array> = true;
template <>
inline constexpr bool has_formatter<Tensor> = true;
template <>
inline constexpr bool has_formatter<Gradient> = true;

}  // namespace chainrule::detail

namespace fmt {

/// Formats the value, with the format options of double: "{:.3f}".
template <>
struct formatter<chainrule::Var> : formatter<double> {
  template <class Context>
  auto format(const chainrule::Var& x, Context& context) const {
    return formatter<double>::format(x.value(), context);
  }
};
template <>
struct formatter<chainrule::Array> : chainrule::detail::ArrayFormatter {};
template <>
struct formatter<chainrule::Tensor> : chainrule::detail::ArrayFormatter {};
template <>
struct formatter<chainrule::Gradient> : chainrule::detail::ArrayFormatter {};
template <>
struct formatter<chainrule::Indices> : chainrule::detail::ArrayFormatter {};
template <>
struct formatter<chainrule::Mask> : chainrule::detail::ArrayFormatter {};
template <>
struct formatter<chainrule::Extents> : formatter<std::string> {
  template <class Context>
  auto format(const chainrule::Extents& x, Context& context) const {
    return formatter<std::string>::format(chainrule::text_of(x), context);
  }
};

}  // namespace fmt

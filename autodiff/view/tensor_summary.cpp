#include "autodiff/view/tensor_summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace chainrule::detail {
namespace {

std::string number(double x, int digits) {
  return std::isnan(x) ? "nan" : fmt::format("{:.{}g}", x + 0.0, digits);
}

}  // namespace

std::string summary_of(const Array& x, int digits) {
  if (x.size() == 0) return "empty";
  if (x.size() <= few_elements) {
    std::string text;
    for (std::int64_t i = 0; i < x.size(); ++i)
      text += (i > 0 ? ", " : "") + number(x.element(i), digits);
    return x.rank() == 0 ? text : "[" + text + "]";
  }
  double sum = 0.0, low = std::numeric_limits<double>::infinity(), high = -low;
  std::int64_t odd = 0;
  for (std::int64_t i = 0; i < x.size(); ++i) {
    const double element = x.element(i);
    if (!std::isfinite(element)) {
      ++odd;
      continue;
    }
    sum += element;
    low = std::min(low, element);
    high = std::max(high, element);
  }
  const std::int64_t finite = x.size() - odd;
  if (finite == 0) return "no element is finite";
  std::string text = low == high ? "all " + number(low, digits)
                                 : fmt::format("mean {}, {} to {}",
                                               number(sum / static_cast<double>(finite), digits),
                                               number(low, digits), number(high, digits));
  if (odd > 0) text += fmt::format(", {} not finite", odd);
  return text;
}

std::string kind_of(const Array& x) {
  const std::string shape = text_of(Shape(x.shape()));
  return x.dtype() == DType::float64 ? shape : shape + " " + name_of(x.dtype());
}

}  // namespace chainrule::detail

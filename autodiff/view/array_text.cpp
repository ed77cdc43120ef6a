#include "autodiff/view/array_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <vector>

namespace chainrule {
namespace {

/// The digits before and after the decimal point, and the exponent.
struct Digits {
  std::string whole, fraction;
  int exponent = 0;
};

Digits split(const std::string& text) {
  Digits result;
  const std::size_t e = std::min(text.find('e'), text.size());
  if (e < text.size()) result.exponent = std::atoi(text.c_str() + e + 1);
  const std::size_t point = std::min(text.find('.'), e);
  result.whole = text.substr(0, point);
  if (point < e) result.fraction = text.substr(point + 1, e - point - 1);
  return result;
}

/// The number of digits after the decimal point that identify a finite number uniquely: in full
/// notation or, with `has_exponent`, in scientific notation.
int fraction_digits(double x, DType dtype, bool has_exponent) {
  const Digits shortest =
      split(dtype == DType::float32 ? fmt::format("{}", static_cast<float>(std::fabs(x)))
                                    : fmt::format("{}", std::fabs(x)));
  const int behind = static_cast<int>(shortest.fraction.size());
  if (!has_exponent) return std::max(0, behind - shortest.exponent);
  const std::string digits = shortest.whole + shortest.fraction;
  const std::size_t first = digits.find_first_not_of('0'), last = digits.find_last_not_of('0');
  return first == std::string::npos ? 0 : static_cast<int>(last - first);
}

/// A common format for all numbers that are shown (FloatingFormat in numpy/core/arrayprint.py).
class NumberFormat {
 public:
  NumberFormat(const std::vector<double>& shown, DType dtype, const ArrayTextOptions& options)
      : dtype_(dtype) {
    const int max_digits = std::clamp(options.precision, 0, 100);
    double largest = 0.0, smallest = INFINITY;
    bool is_finite = true, is_minus_infinite = false;
    for (const double x : shown) {
      const double magnitude = std::fabs(x);
      if (!std::isfinite(x)) {
        is_finite = false;
        is_minus_infinite = is_minus_infinite || x < 0.0;
      } else if (magnitude != 0.0) {
        largest = std::max(largest, magnitude);
        smallest = std::min(smallest, magnitude);
      }
    }
    // Computed in the element type, as in NumPy.
    const double ratio = dtype == DType::float32
                             ? static_cast<float>(largest) / static_cast<float>(smallest)
                             : largest / smallest;
    has_exponents_ =
        largest > 0.0 &&
        (largest >= 1e8 || (!options.suppress_small && (smallest < 0.0001 || ratio > 1000.0)));
    int behind = 0;
    for (const double x : shown) {
      if (!std::isfinite(x)) continue;
      Digits written = write(x, std::min(max_digits, fraction_digits(x, dtype, has_exponents_)));
      strip_zeros(written.fraction);
      whole_width_ = std::max(whole_width_, written.whole.size());
      behind = std::max(behind, static_cast<int>(written.fraction.size()));
      exponent_ = std::max(exponent_, fmt::format("{:02}", std::abs(written.exponent)).size());
    }
    precision_ = behind;
    fraction_width_ = static_cast<std::size_t>(behind) + (has_exponents_ ? exponent_ + 2 : 0);
    if (!is_finite) {
      const std::size_t longest = is_minus_infinite ? 4 : 3;  // "-inf", "nan"
      if (longest > fraction_width_ + 1)
        whole_width_ = std::max(whole_width_, longest - fraction_width_ - 1);
    }
  }

  std::string operator()(double x) const {
    if (!std::isfinite(x))
      return fmt::format("{:>{}}",
                         std::isnan(x) ? "nan"
                         : x < 0.0     ? "-inf"
                                       : "inf",
                         whole_width_ + fraction_width_ + 1);
    if (has_exponents_) {
      const Digits written = write(x, precision_);
      return fmt::format("{:>{}}.{}e{}{:0{}}", written.whole, whole_width_, written.fraction,
                         written.exponent < 0 ? '-' : '+', std::abs(written.exponent), exponent_);
    }
    Digits written = write(x, std::min(precision_, fraction_digits(x, dtype_, false)));
    strip_zeros(written.fraction);
    return fmt::format("{:>{}}.{:<{}}", written.whole, whole_width_, written.fraction,
                       fraction_width_);
  }

 private:
  // Rounds the number itself, not its shortest digits: rounding twice could give a different
  // result.
  Digits write(double x, int precision) const {
    return split(has_exponents_ ? fmt::format("{:.{}e}", x, precision)
                                : fmt::format("{:.{}f}", x, precision));
  }
  static void strip_zeros(std::string& digits) { digits.erase(digits.find_last_not_of('0') + 1); }

  DType dtype_;
  int precision_ = 0;  // digits after the decimal point
  bool has_exponents_ = false;
  // characters before and after the point, and of the exponent
  std::size_t whole_width_ = 0, fraction_width_ = 0, exponent_ = 0;
};

/// The brackets, line breaks and separators around the numbers (_formatArray in
/// numpy/core/arrayprint.py).
class Layout {
 public:
  using Visit = std::function<void(std::int64_t)>;
  using ElementText = std::function<std::string(std::int64_t)>;

  Layout(std::span<const std::int64_t> shape, std::span<const std::int64_t> strides,
         const ArrayTextOptions& options)
      : shape_(shape), strides_(strides), options_(options) {
    std::int64_t size = 1;
    for (const std::int64_t extent : shape) size *= extent;
    is_empty_ = size == 0;
    edge_ = size > options.threshold ? std::max<std::int64_t>(options.edge_items, 0) : -1;
    const std::size_t end = options.separator.find_last_not_of(' ');
    separator_end_ = options.separator.substr(0, end == std::string::npos ? 0 : end + 1);
  }

  /// Calls visit(offset) for every element that is shown.
  void for_each_shown(const Visit& visit) const {
    if (!is_empty_) visit_axis(0, 0, visit);
  }

  std::string text(const ElementText& word) const {
    if (is_empty_) return "[]";
    const auto indent = static_cast<std::size_t>(std::max(options_.indent, 0));
    return axis_text(0, 0, std::string(indent, ' '), options_.line_width, word);
  }

 private:
  bool is_shortened(std::size_t axis) const { return edge_ >= 0 && 2 * edge_ < shape_[axis]; }

  /// Calls step(i) for the indices of an axis that are shown, and gap() in place of omitted ones.
  template <class Step, class Gap>
  void along(std::size_t axis, Step step, Gap gap) const {
    const std::int64_t size = shape_[axis];
    if (!is_shortened(axis)) {
      for (std::int64_t i = 0; i < size; ++i) step(i);
      return;
    }
    for (std::int64_t i = 0; i < edge_; ++i) step(i);
    gap();
    for (std::int64_t i = size - edge_; i < size; ++i) step(i);
  }

  void visit_axis(std::size_t axis, std::int64_t offset, const Visit& visit) const {
    if (axis == shape_.size()) return visit(offset);
    along(
        axis, [&](std::int64_t i) { visit_axis(axis + 1, offset + i * strides_[axis], visit); },
        [] {});
  }

  std::string axis_text(std::size_t axis, std::int64_t offset, const std::string& indent, int width,
                        const ElementText& word) const {
    if (axis == shape_.size()) return word(offset);
    const std::size_t below = shape_.size() - axis;
    if (below == 1) return row_text(offset, indent, width, word);
    const std::string separator = separator_end_ + std::string(below - 1, '\n') + indent;
    std::string text = "[";
    bool is_first = true;
    const auto append = [&](const std::string& part) {
      if (!is_first) text += separator;
      is_first = false;
      text += part;
    };
    along(
        axis,
        [&](std::int64_t i) {
          append(axis_text(axis + 1, offset + i * strides_[axis], indent + ' ', width - 1, word));
        },
        [&] { append("..."); });
    return text + ']';
  }

  std::string row_text(std::int64_t offset, const std::string& indent, int width,
                       const ElementText& word) const {
    const std::size_t axis = shape_.size() - 1;
    const auto room = static_cast<std::size_t>(
        std::max(0, width - static_cast<int>(std::max<std::size_t>(separator_end_.size(), 1))));
    std::string text, line = indent;
    bool is_first = true;
    const auto append = [&](const std::string& part) {
      if (!is_first) line += options_.separator;
      is_first = false;
      if (line.size() + part.size() > room && line.size() > indent.size()) {
        text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
        line = indent;
      }
      line += part;
    };
    along(
        axis, [&](std::int64_t i) { append(word(offset + i * strides_[axis])); },
        [&] { append("..."); });
    text += line;
    return '[' + text.substr(indent.size()) + ']';
  }

  std::span<const std::int64_t> shape_, strides_;
  const ArrayTextOptions& options_;
  std::string separator_end_;  // without trailing spaces, for ends of lines
  bool is_empty_ = false;
  std::int64_t edge_;  // number of items shown at each end; -1: all
};

double element_at(const Array& x, std::int64_t offset) {
  return with_type(x.dtype(), [&](auto zero) {
    return static_cast<double>(x.data_as<decltype(zero)>()[offset]);
  });
}

}  // namespace

std::string text_of(const Array& x, const ArrayTextOptions& options) {
  if (x.is_null()) return "no array";
  const Layout layout(x.shape(), x.strides(), options);
  std::vector<double> shown;
  layout.for_each_shown([&](std::int64_t offset) { shown.push_back(element_at(x, offset)); });
  const NumberFormat format(shown, x.dtype(), options);
  return layout.text([&](std::int64_t offset) { return format(element_at(x, offset)); });
}

std::string text_of(const Indices& x, const ArrayTextOptions& options) {
  const Shape shape = x.shape();
  const Extents strides = row_major_strides(shape);
  const Layout layout(shape, strides, options);
  std::size_t width = 0;
  layout.for_each_shown(
      [&](std::int64_t offset) { width = std::max(width, fmt::formatted_size("{}", x[offset])); });
  return layout.text([&](std::int64_t offset) { return fmt::format("{:>{}}", x[offset], width); });
}

std::string text_of(const Mask& x, const ArrayTextOptions& options) {
  const Array& values = x.values();
  const Layout layout(values.shape(), values.strides(), options);
  const int width = values.rank() == 0 ? 0 : 5;
  return layout.text([&](std::int64_t offset) {
    return fmt::format("{:>{}}", element_at(values, offset) != 0.0 ? "True" : "False", width);
  });
}

}  // namespace chainrule

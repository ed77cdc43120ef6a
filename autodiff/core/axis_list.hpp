// AxisList: the axes that a reduction runs over, as the caller writes them.
#pragma once

#include <concepts>
#include <initializer_list>

#include "autodiff/core/shape.hpp"

namespace chainrule {

/// One axis, a list of axes ({0, -1}; {} means no axis), or all_axes. Negative axes count from the
/// end.
class AxisList {
 public:
  template <std::integral I>
    requires(!std::same_as<I, bool>)
  AxisList(I axis) : axes_{static_cast<std::int64_t>(axis)} {}
  AxisList(std::initializer_list<std::int64_t> axes) : axes_(axes) {}
  AxisList(Axes axes) : axes_(std::move(axes)) {}
  static AxisList all() {
    AxisList list(Axes{});
    list.is_all_ = true;
    return list;
  }

  /// The axes counted from the front, in ascending order. Throws ShapeError, which names the
  /// operation, if an axis does not exist or is listed twice.
  Axes of(std::size_t rank, const char* operation) const {
    return is_all_ ? every_axis(rank) : sorted_axes(axes_, rank, operation);
  }
  bool is_all() const { return is_all_; }
  /// The axes as the caller wrote them; empty for all().
  const Axes& written() const { return axes_; }

 private:
  Axes axes_;
  bool is_all_ = false;
};

/// All axes of a tensor.
inline const AxisList all_axes = AxisList::all();

}  // namespace chainrule

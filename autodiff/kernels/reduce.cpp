#include "autodiff/kernels/reduce.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "autodiff/kernels/dispatch.hpp"
#include "autodiff/kernels/long_product.hpp"
#include "autodiff/kernels/walk.hpp"

namespace chainrule {
using namespace detail;

const FoldLoops& fold_loops(Fold kind, DType dtype) {
  return detail::kernels()
      .folds[dtype == DType::float32 ? 0 : 1]
      .folds[static_cast<std::size_t>(kind)];
}

const RowLoops& row_loops(DType dtype) {
  return detail::kernels().rows[dtype == DType::float32 ? 0 : 1];
}

Shape reduced_shape(const Shape& shape, const Axes& axes, bool keepdims) {
  Shape reduced = shape;
  for (std::size_t i = axes.size(); i-- > 0;) {
    const auto axis = static_cast<std::size_t>(axes[i]);
    if (keepdims)
      reduced[axis] = 1;
    else
      reduced.erase(axis);
  }
  return reduced;
}

namespace {

/// The axes of an array, split into folded and kept ones. Each group is sorted by descending stride
/// in memory; only in this order are adjacent elements visited one after the other.
struct Plan {
  Extents kept_shape, kept_input, kept_output, kept_shift, folded_shape, folded_input;
  std::int64_t count = 1;        // number of elements folded into one
  std::int64_t last_offset = 0;  // offset of the last element in memory from the first

  Plan(const Array& x, const Axes& axes, const Shape& kept, const Array* shift) {
    if (x.is_contiguous() && shift == nullptr && has_matrix_layout(x, axes)) return;
    const auto step = [&](std::int64_t axis) {
      return std::abs(x.stride(static_cast<std::size_t>(axis)));
    };
    Axes order = every_axis(x.rank());
    const auto is_before = [&](std::int64_t a, std::int64_t b) { return step(a) > step(b); };
    if (!std::is_sorted(order.begin(), order.end(), is_before))
      std::stable_sort(order.begin(), order.end(), is_before);
    const Extents to = row_major_strides(kept);
    for (const std::int64_t signed_axis : order) {
      const auto axis = static_cast<std::size_t>(signed_axis);
      const std::int64_t size = x.shape(axis), stride = x.stride(axis);
      last_offset += std::max<std::int64_t>((size - 1) * stride, 0);
      if (std::find(axes.begin(), axes.end(), signed_axis) != axes.end()) {
        folded_shape.push_back(size);
        folded_input.push_back(stride);
        count *= size;
        continue;
      }
      kept_shape.push_back(size);
      kept_input.push_back(stride);
      kept_output.push_back(to[axis]);
      kept_shift.push_back(shift == nullptr ? 0 : shift->stride(axis));
    }
  }

 private:
  /// The fast path for the common case: the first or the last axes of a contiguous array are
  /// folded, so these are its columns or rows. Returns false for any other case.
  bool has_matrix_layout(const Array& x, const Axes& axes) {
    const std::size_t rank = x.rank(), some = axes.size();
    if (some == 0) return false;
    const std::int64_t first = axes.front();
    if (axes.back() - first + 1 != static_cast<std::int64_t>(some)) return false;
    const bool are_last =
        first + static_cast<std::int64_t>(some) == static_cast<std::int64_t>(rank);
    if (!are_last && first != 0) return false;
    for (const std::int64_t axis : axes) count *= x.shape(static_cast<std::size_t>(axis));
    const std::int64_t others = x.size() / count;
    kept_shape = {others};
    kept_input = {are_last ? count : 1};
    kept_output = {1};
    kept_shift = {0};
    folded_shape = {count};
    folded_input = {are_last ? 1 : others};
    last_offset = x.size() - 1;
    return true;
  }
};

template <class T>
class Folding {
 public:
  Folding(Fold kind, const Array& x, const Plan& plan, const Walk<3>& kept, const Walk<1>& folded,
          const FoldOptions& options, const Array& extents, Array& result)
      : kind_(kind),
        loops_(fold_loops(kind, dtype_of<T>)),
        in_(x.data_as<T>()),
        end_(in_ + plan.last_offset + 1),
        shift_(options.shift == nullptr ? nullptr : options.shift->data_as<T>()),
        divisor_(options.divisor),
        count_(plan.count),
        extents_(extents.is_null() ? nullptr : extents.data_as<T>()),
        extent_limit_(extents.is_null() ? 0.0
                                        : std::exp2((std::numeric_limits<T>::max_exponent - 2) /
                                                    static_cast<double>(plan.count))),
        out_(result.mutable_data_as<T>()),
        kept_(kept),
        folded_(folded) {}

  void run() {
    const bool by_columns =
        kept_.row() > 1 && kept_.stride(1) == 1 && std::abs(folded_.stride(0)) != 1;
    kept_.for_each_row([&](const auto& offsets) {
      if (by_columns)
        columns(out_ + offsets[0], in_ + offsets[1], offsets[2]);
      else
        rows(out_ + offsets[0], in_ + offsets[1], offsets[2]);
    });
  }

 private:
  void rows(T* to, const T* from, std::int64_t shift) const {
    for (std::size_t i = 0; i < kept_.row(); ++i) {
      const double m = shift_ == nullptr ? 0.0 : static_cast<double>(shift_[shift]);
      double total = loops_.identity;
      folded_.for_each_row([&](const auto& offsets) {
        total = loops_.combine(
            total, loops_.row(from + offsets[0], folded_.stride(0), folded_.row(), end_, m));
      });
      *to = static_cast<T>(finish(total, to - out_, from, m));
      to += kept_.stride(0);
      from += kept_.stride(1);
      shift += kept_.stride(2);
    }
  }

  void columns(T* to, const T* from, std::int64_t shift) const {
    for (std::size_t begin = 0; begin < kept_.row(); begin += max_columns) {
      const std::size_t n = std::min(max_columns, kept_.row() - begin);
      const auto first = static_cast<std::int64_t>(begin);
      fold_columns(to + first * kept_.stride(0), from + first, shift + first * kept_.stride(2), n);
    }
  }

  /// Folds a group of columns, in blocks of rows whose results are combined in double.
  void fold_columns(T* to, const T* from, std::int64_t shift, std::size_t n) const {
    T m[max_columns];
    if (shift_ != nullptr)
      for (std::size_t j = 0; j < n; ++j)
        m[j] = shift_[shift + static_cast<std::int64_t>(j) * kept_.stride(2)];
    T block[max_columns];
    double total[max_columns];
    const double identity = loops_.identity;
    std::fill_n(block, n, static_cast<T>(identity));
    const bool is_one_block = count_ <= static_cast<std::int64_t>(max_rows);
    std::size_t in_block = 0;
    const auto end_block = [&] {
      for (std::size_t j = 0; j < n; ++j) {
        total[j] = loops_.combine(total[j], static_cast<double>(block[j]));
        block[j] = static_cast<T>(identity);
      }
      in_block = 0;
    };
    if (!is_one_block) std::fill_n(total, n, identity);
    folded_.for_each_row([&](const auto& offsets) {
      const T* row = from + offsets[0];
      for (std::size_t left = folded_.row(); left > 0;) {
        const std::size_t rows = std::min(max_rows - in_block, left);
        loops_.columns(row, folded_.stride(0), rows, n, end_, shift_ == nullptr ? nullptr : m,
                       block);
        row += static_cast<std::int64_t>(rows) * folded_.stride(0);
        left -= rows;
        in_block += rows;
        if (in_block == max_rows && !is_one_block) end_block();
      }
    });
    if (!is_one_block) end_block();
    int finite = 1;
    for (std::size_t j = 0; j < n; ++j) {
      const double sum = is_one_block ? static_cast<double>(block[j]) : total[j];
      to[static_cast<std::int64_t>(j) * kept_.stride(0)] = static_cast<T>(sum / divisor_);
      finite &= static_cast<int>(std::abs(sum) <= std::numeric_limits<double>::max());
    }
    if (extents_ == nullptr && (finite != 0 || !is_sum())) return;
    for (std::size_t j = 0; j < n; ++j) {
      T* const result = to + static_cast<std::int64_t>(j) * kept_.stride(0);
      const double sum = is_one_block ? static_cast<double>(block[j]) : total[j];
      *result = static_cast<T>(finish(sum, result - out_, from + j,
                                      shift_ == nullptr ? 0.0 : static_cast<double>(m[j])));
    }
  }

  /// Result number `position`, from the total of its elements; `from` points to the first of them.
  /// If a sum may have overflowed on the way, or a product may have left the normal range, it is
  /// recomputed.
  double finish(double total, std::ptrdiff_t position, const T* from, double m) const {
    if (is_sum() && !std::isfinite(total)) [[unlikely]]
      return sum_in_small_units(from, m);
    if (extents_ != nullptr && !(static_cast<double>(extents_[position]) <= extent_limit_)) {
      LongProduct product;
      for_each_folded(from, [&](double x) { product *= x; });
      return product.value() / divisor_;
    }
    return total / divisor_;
  }

  /// Whether terms of both signs may overflow on the way although the sum does not.
  bool is_sum() const { return kind_ == Fold::sum || kind_ == Fold::difference_sum; }

  template <class F>
  void for_each_folded(const T* from, F f) const {
    folded_.for_each_row([&](const auto& offsets) {
      const T* x = from + offsets[0];
      for (std::size_t i = 0; i < folded_.row(); ++i, x += folded_.stride(0))
        f(static_cast<double>(*x));
    });
  }

  /// In units of 2^64 no sum of doubles overflows. The digits that this costs elements below the
  /// normal range are negligible compared with the elements that made the plain sum overflow.
  double sum_in_small_units(const T* from, double m) const {
    double total = 0.0;
    for_each_folded(from, [&](double x) { total += x * 0x1p-64 - m * 0x1p-64; });
    return total / divisor_ * 0x1p64;
  }

  static constexpr std::size_t max_columns = 512, max_rows = 128;
  const Fold kind_;
  const FoldLoops& loops_;
  const T* const in_;
  const T* const end_;
  const T* const shift_;
  const double divisor_;
  const std::int64_t count_;
  const T* const extents_;     // for products: the extent of each result
  const double extent_limit_;  // up to this extent all partial products are normal numbers
  T* const out_;
  const Walk<3>& kept_;  // offsets in the result, in x, and in the array of m
  const Walk<1>& folded_;
};

}  // namespace

Array fold(Fold kind, const Array& x, const Axes& axes, const FoldOptions& options) {
  const Shape shape(x.shape()), kept = reduced_shape(shape, axes, true);
  const Shape result_shape = options.keepdims ? kept : reduced_shape(shape, axes, false);
  if (x.size() == 0)
    return Array::filled(x.dtype(), result_shape,
                         fold_loops(kind, x.dtype()).identity / options.divisor);
  Array result = Array::uninitialised(x.dtype(), result_shape);
  const Array extents =
      kind == Fold::product ? fold(Fold::extent, x, axes, {options.keepdims}) : Array();
  const Plan plan(x, axes, kept, options.shift);
  const Walk<3> kept_walk(plan.kept_shape, {plan.kept_output, plan.kept_input, plan.kept_shift});
  const Walk<1> folded_walk(plan.folded_shape, {plan.folded_input});
  with_type(x.dtype(), [&](auto zero) {
    Folding<decltype(zero)>(kind, x, plan, kept_walk, folded_walk, options, extents, result).run();
  });
  return result;
}

RowsAlong::RowsAlong(const Array& x, const Axes& axes) : rows(1), columns(1) {
  for (std::size_t axis = 0; axis < x.rank(); ++axis) {
    const auto signed_axis = static_cast<std::int64_t>(axis);
    const bool is_along = std::find(axes.begin(), axes.end(), signed_axis) != axes.end();
    (is_along ? columns : rows) *= static_cast<std::size_t>(x.shape(axis));
    if (!is_along) order_.push_back(signed_axis);
  }
  for (const std::int64_t axis : axes) order_.push_back(axis);
  if (order_ == every_axis(x.rank())) {
    order_ = {};
    matrix = contiguous(x);
    return;
  }
  Shape shape;
  Extents strides;
  for (const std::int64_t axis : order_) {
    shape.push_back(x.shape(static_cast<std::size_t>(axis)));
    strides.push_back(x.stride(static_cast<std::size_t>(axis)));
  }
  matrix = contiguous(x.view(shape, strides, 0));
}

Array RowsAlong::restored(const Array& result) const {
  if (order_.empty()) return result;
  Shape shape = Shape(result.shape());
  Extents strides = Extents(result.strides());
  for (std::size_t i = 0; i < order_.size(); ++i) {
    shape[static_cast<std::size_t>(order_[i])] = result.shape(i);
    strides[static_cast<std::size_t>(order_[i])] = result.stride(i);
  }
  return contiguous(result.view(shape, strides, 0));
}

}  // namespace chainrule

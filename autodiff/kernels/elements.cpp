#include "autodiff/kernels/elements.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "autodiff/core/error.hpp"
#include "autodiff/core/untouched.hpp"
#include "autodiff/kernels/elementwise.hpp"
#include "autodiff/kernels/walk.hpp"
#include "autodiff/rules/piecewise.hpp"

namespace chainrule {
using namespace detail;

namespace {

/// Storage for a number as an element of either type.
struct Literal {
  alignas(8) std::byte bytes[8];

  void set(DType dtype, double number) {
    with_type(dtype, [&](auto zero) {
      const auto x = static_cast<decltype(zero)>(number);
      __builtin_memcpy(bytes, &x, sizeof x);
    });
  }
};

/// The operands of one call, prepared for loops over the shape that they are broadcast to.
class Inputs {
 public:
  Inputs(DType dtype, const ArrayInput* x, int count) : dtype_(dtype), x_(x), count_(count) {
    for (int k = 0; k < count; ++k)
      if (x[k].array == nullptr) literals_[k].set(dtype, x[k].number);
  }

  /// Whether each operand is either contiguous with this shape or a single element, so that one
  /// loop is enough.
  bool need_no_broadcast(std::span<const std::int64_t> shape) const {
    for (int k = 0; k < count_; ++k) {
      const Array* const array = x_[k].array;
      if (array != nullptr && array->size() != 1 &&
          !(array->is_contiguous() && array->has_shape(shape)))
        return false;
    }
    return true;
  }
  Stream whole_stream(int k) const {
    if (x_[k].array == nullptr) return {literals_[k].bytes, true};
    return {x_[k].array->data(), x_[k].array->size() == 1};
  }
  Extents strides(int k, std::span<const std::int64_t> shape) const {
    return k < count_ && x_[k].array != nullptr ? broadcast_strides(*x_[k].array, shape)
                                                : Extents::filled(shape.size(), 0);
  }
  const std::byte* data(int k) const {
    return x_[k].array != nullptr ? static_cast<const std::byte*>(x_[k].array->data())
                                  : literals_[k].bytes;
  }
  DType dtype() const { return dtype_; }

 private:
  DType dtype_;
  const ArrayInput* x_;
  int count_;
  Literal literals_[max_arity];
};

/// The operand whose shape is that of the result, if one exists without broadcasting: the other
/// operands have the same shape or one element, and no more axes. Throws if element types differ.
const Array& operand_of_result_shape(const Operation& operation, const ArrayInput* x, int count,
                                     bool& has_result_shape) {
  const Array* shape_source = nullptr;
  for (int k = 0; k < count; ++k) {
    const Array* const array = x[k].array;
    if (array == nullptr) continue;
    if (array->is_null())
      throw ShapeError(fmt::format("{}: operand {} is a Tensor that was never assigned",
                                   operation.notation.name, k));
    if (shape_source == nullptr) {
      shape_source = array;
      continue;
    }
    check_same_type(operation.notation.name, *shape_source, *array);
    if (array->has_shape(shape_source->shape())) continue;
    if (shape_source->size() == 1 && shape_source->rank() <= array->rank())
      shape_source = array;
    else if (array->size() != 1 || array->rank() > shape_source->rank())
      has_result_shape = false;
  }
  return *shape_source;
}

Shape broadcast_shape(const Operation& operation, const ArrayInput* x, int count) {
  Shape shape;
  bool is_first = true;
  for (int k = 0; k < count; ++k) {
    if (x[k].array == nullptr) continue;
    const Shape own(x[k].array->shape());
    shape = is_first ? own : broadcast(shape, own, operation.notation.name);
    is_first = false;
  }
  return shape;
}

/// Gives access to a row of elements with any stride; copies them to a buffer if they are not
/// adjacent.
class Row {
 public:
  explicit Row(DType dtype) : dtype_(dtype) {}
  Stream at(const std::byte* data, std::int64_t offset, std::int64_t stride, std::size_t count) {
    const std::byte* const begin = data + offset * static_cast<std::int64_t>(size_of(dtype_));
    if (stride == 0 || stride == 1) return {begin, stride == 0};
    if (copy_.is_null()) {
      const auto size = static_cast<std::int64_t>(count);
      copy_ = Array::uninitialised(dtype_, {&size, 1});
    }
    with_type(dtype_, [&](auto zero) {
      using T = decltype(zero);
      const T* from = reinterpret_cast<const T*>(begin);
      T* const to = copy_.mutable_data_as<T>();
      for (std::size_t i = 0; i < count; ++i, from += stride) to[i] = *from;
    });
    return {copy_.data(), false};
  }

 private:
  DType dtype_;
  Array copy_;
};

template <class T>
double element(const Stream& s, std::size_t i) {
  return static_cast<double>(static_cast<const T*>(s.data)[s.repeated ? 0 : i]);
}

/// The loops of a rule for one element type, looked up once for all rows. A rule from outside the
/// library is evaluated element by element.
class Loops {
 public:
  Loops(const Operation& operation, DType dtype)
      : operation_(operation),
        dtype_(dtype),
        listed_(operation.is_listed() ? &elementwise_loops(operation.index, dtype) : nullptr) {}

  bool has_partial(int k) const { return listed_ == nullptr || listed_->pullback[k] != nullptr; }

  void value(const Stream* x, void* out, std::size_t n) const {
    if (listed_ != nullptr) return listed_->value(x, out, n);
    with_type(dtype_, [&](auto zero) {
      using T = decltype(zero);
      for (std::size_t i = 0; i < n; ++i) {
        double numbers[max_arity];
        for (int k = 0; k < operation_.arity; ++k) numbers[k] = element<T>(x[k], i);
        static_cast<T*>(out)[i] = static_cast<T>(operation_.value(numbers));
      }
    });
  }

  void pullback(int k, const Stream* x, Stream result, Stream adjoint, void* out, bool accumulate,
                std::size_t n) const {
    if (listed_ != nullptr) return listed_->pullback[k](x, result, adjoint, out, accumulate, n);
    with_type(dtype_, [&](auto zero) {
      using T = decltype(zero);
      for (std::size_t i = 0; i < n; ++i) {
        double numbers[max_arity];
        for (int j = 0; j < operation_.arity; ++j) numbers[j] = element<T>(x[j], i);
        const double a = element<T>(adjoint, i);
        Flow<double> partials[max_arity];
        if (!is_untouched(a))
          operation_.partials(numbers, element<T>(result, i), 1u << k, partials);
        const double flow = partials[k].open ? contribution(a * partials[k].partial) : untouched;
        T& to = static_cast<T*>(out)[i];
        to = static_cast<T>(accumulate ? static_cast<double>(to) + flow : flow);
      }
    });
  }

 private:
  const Operation& operation_;
  DType dtype_;
  const ElementwiseLoops* listed_;
};

}  // namespace

Array detail::evaluate_elements(const Operation& operation, const ArrayInput* x, int count) {
  bool has_result_shape = true;
  const Array& shape_source = operand_of_result_shape(operation, x, count, has_result_shape);
  const Inputs inputs(shape_source.dtype(), x, count);
  Array result = has_result_shape ? Array::like(shape_source)
                                  : Array::uninitialised(shape_source.dtype(),
                                                         broadcast_shape(operation, x, count));
  const Loops loops(operation, inputs.dtype());
  Stream streams[max_arity];
  if (inputs.need_no_broadcast(result.shape())) {
    for (int k = 0; k < count; ++k) streams[k] = inputs.whole_stream(k);
    loops.value(streams, result.mutable_data(), static_cast<std::size_t>(result.size()));
    return result;
  }
  const auto shape = result.shape();
  const Walk<4> walk(shape, {Extents(result.strides()), inputs.strides(0, shape),
                             inputs.strides(1, shape), inputs.strides(2, shape)});
  Row rows[max_arity] = {Row(inputs.dtype()), Row(inputs.dtype()), Row(inputs.dtype())};
  walk.for_each_row([&](const auto& offsets) {
    for (int k = 0; k < count; ++k) {
      const auto position = static_cast<std::size_t>(k) + 1;
      streams[k] = rows[k].at(inputs.data(k), offsets[position], walk.stride(position), walk.row());
    }
    std::byte* const out = static_cast<std::byte*>(result.mutable_data()) +
                           offsets[0] * static_cast<std::int64_t>(size_of(inputs.dtype()));
    loops.value(streams, out, walk.row());
  });
  return result;
}

namespace {

void pull_back_to(const Loops& loops, int k, const ArrayInput* x, int count, const Array& result,
                  const Array& adjoint, Array& out, bool accumulate) {
  const Inputs inputs(result.dtype(), x, count);
  Stream streams[max_arity];
  if (result.is_contiguous() && (adjoint.is_contiguous() || adjoint.size() == 1) &&
      inputs.need_no_broadcast(result.shape())) {
    for (int j = 0; j < count; ++j) streams[j] = inputs.whole_stream(j);
    loops.pullback(k, streams, {result.data(), false}, {adjoint.data(), adjoint.size() == 1},
                   out.mutable_data(), accumulate, static_cast<std::size_t>(out.size()));
    return;
  }
  const auto shape = result.shape();
  const Walk<6> walk(shape, {Extents(out.strides()), inputs.strides(0, shape),
                             inputs.strides(1, shape), inputs.strides(2, shape),
                             Extents(result.strides()), broadcast_strides(adjoint, shape)});
  const DType dtype = inputs.dtype();
  Row rows[] = {Row(dtype), Row(dtype), Row(dtype), Row(dtype), Row(dtype)};
  const auto bytes = [](const Array& array) { return static_cast<const std::byte*>(array.data()); };
  walk.for_each_row([&](const auto& offsets) {
    for (int j = 0; j < count; ++j) {
      const auto position = static_cast<std::size_t>(j) + 1;
      streams[j] = rows[j].at(inputs.data(j), offsets[position], walk.stride(position), walk.row());
    }
    const Stream r = rows[3].at(bytes(result), offsets[4], walk.stride(4), walk.row());
    const Stream a = rows[4].at(bytes(adjoint), offsets[5], walk.stride(5), walk.row());
    std::byte* const to = static_cast<std::byte*>(out.mutable_data()) +
                          offsets[0] * static_cast<std::int64_t>(size_of(dtype));
    loops.pullback(k, streams, r, a, to, accumulate, walk.row());
  });
}

}  // namespace

Array detail::pull_back_elements(const Operation& operation, int k, const ArrayInput* x, int count,
                                 const Array& result, const Array& adjoint) {
  const Loops loops(operation, result.dtype());
  if (!loops.has_partial(k)) return {};
  Array out = Array::like(result);
  pull_back_to(loops, k, x, count, result, adjoint, out, false);
  return out;
}

void detail::add_pull_back(const Operation& operation, int k, const ArrayInput* x, int count,
                           const Array& result, const Array& adjoint, Array& sum) {
  const Loops loops(operation, result.dtype());
  if (loops.has_partial(k)) pull_back_to(loops, k, x, count, result, adjoint, sum, true);
}

Array add_into(Array x, const Array& y) {
  const ArrayInput inputs[] = {x, y};
  const Operation& add = operation_of<rules::Add>();
  if (!x.is_unique() || !y.is_contiguous()) return evaluate_elements(add, inputs, 2);
  const Stream streams[] = {{x.data(), false}, {y.data(), y.size() == 1 && x.size() != 1}};
  Loops(add, x.dtype()).value(streams, x.mutable_data(), static_cast<std::size_t>(x.size()));
  return x;
}

// ---- Masks --------------------------------------------------------------------------------------

namespace {

/// Whether any element is non-zero (or zero, if `nonzero` is false).
bool any_element(const Array& values, bool nonzero) {
  const Array x = contiguous(values);
  return with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* const data = x.data_as<T>();
    return std::any_of(data, data + x.size(), [&](T t) { return (t != T(0)) == nonzero; });
  });
}

}  // namespace

Array detail::choose_numbers(const Array& mask, double x, double y) {
  const ArrayInput inputs[] = {mask, x, y};
  return evaluate_elements(operation_of<rules::Select>(), inputs, 3);
}

bool Mask::all() const { return !any_element(values_, false); }
bool Mask::any() const { return any_element(values_, true); }

Mask operator&&(const Mask& x, const Mask& y) { return Mask(x.values_ * y.values_); }
Mask operator||(const Mask& x, const Mask& y) { return Mask(max(x.values_, y.values_)); }
Mask operator!(const Mask& x) { return Mask(1.0 - x.values_); }
Mask operator&&(bool x, const Mask& y) { return x ? y : Mask(0.0 * y.values()); }
Mask operator||(bool x, const Mask& y) { return x ? Mask(0.0 * y.values() + 1.0) : y; }

}  // namespace chainrule

#include "autodiff/rules/arrangement.hpp"

#include <fmt/format.h>

#include "autodiff/core/error.hpp"
#include "autodiff/kernels/walk.hpp"

namespace chainrule {

Array Expand::value(const Parameters& p, const Array& x) {
  const Shape from(x.shape());
  if (broadcast(from, p.shape, "expand") != p.shape)
    throw ShapeError(fmt::format("expand: the shape {} cannot be stretched to {}", text_of(from),
                                 text_of(p.shape)));
  return broadcast_view(x, p.shape);
}

Array SumTo::value(const Parameters& p, const Array& x) {
  if (x.has_shape(p.shape)) return x;
  if (broadcast(p.shape, Shape(x.shape()), "sum_to") != Shape(x.shape()))
    throw ShapeError(fmt::format("sum_to: the shape {} does not stretch to {}", text_of(p.shape),
                                 text_of(Shape(x.shape()))));
  Array result = Array::filled(x.dtype(), p.shape, -0.0);
  const Walk<2> walk(x.shape(), {broadcast_strides(result, x.shape()), Extents(x.strides())});
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* const out = result.mutable_data_as<T>();
    const T* const in = x.data_as<T>();
    const std::int64_t to_stride = walk.stride(0), from_stride = walk.stride(1);
    walk.for_each_row([&](const auto& offsets) {
      T* const to = out + offsets[0];
      const T* const from = in + offsets[1];
      for (std::int64_t i = 0; i < static_cast<std::int64_t>(walk.row()); ++i)
        to[i * to_stride] += from[i * from_stride];
    });
  });
  return result;
}

}  // namespace chainrule

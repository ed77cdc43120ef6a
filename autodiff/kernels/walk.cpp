#include "autodiff/kernels/walk.hpp"

#include <cstring>

namespace chainrule {

Array contiguous(const Array& x) {
  if (x.is_contiguous()) return x;
  Array result = Array::like(x);
  const Walk<2> walk(x.shape(), {Extents(result.strides()), Extents(x.strides())});
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* const out = result.mutable_data_as<T>();
    const T* const in = x.data_as<T>();
    const std::size_t row = walk.row();
    const std::int64_t stride = walk.stride(1);
    walk.for_each_row([&](const auto& offsets) {
      T* const to = out + offsets[0];
      const T* const from = in + offsets[1];
      if (stride == 1)
        std::memcpy(to, from, row * sizeof(T));
      else
        for (std::size_t i = 0; i < row; ++i) to[i] = from[static_cast<std::int64_t>(i) * stride];
    });
  });
  return result;
}

Array broadcast_view(const Array& x, std::span<const std::int64_t> shape) {
  if (x.has_shape(shape)) return x;
  return x.view(shape, broadcast_strides(x, shape), 0);
}

}  // namespace chainrule

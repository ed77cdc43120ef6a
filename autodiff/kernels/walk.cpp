#include "autodiff/kernels/walk.hpp"

#include <cstring>

namespace chainrule {

void copy_elements(const Array& x, void* to, const Extents& strides) {
  const Walk<2> walk(x.shape(), {strides, Extents(x.strides())});
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* const out = static_cast<T*>(to);
    const T* const in = x.data_as<T>();
    const auto row = static_cast<std::int64_t>(walk.row());
    const std::int64_t step = walk.stride(0), stride = walk.stride(1);
    constexpr std::int64_t few = 16;  // below which a call costs more than the copy
    walk.for_each_row([&](const auto& offsets) {
      T* const begin = out + offsets[0];
      const T* const from = in + offsets[1];
      if (step == 1 && stride == 1 && row >= few)
        std::memcpy(begin, from, static_cast<std::size_t>(row) * sizeof(T));
      else
        for (std::int64_t i = 0; i < row; ++i) begin[i * step] = from[i * stride];
    });
  });
}

Array part_of(const Array& x, std::size_t axis, std::int64_t start, std::int64_t count) {
  Shape shape(x.shape());
  shape[axis] = count;
  return x.view(shape, x.strides(), count == 0 ? 0 : start * x.stride(axis));
}

Array contiguous(const Array& x) {
  if (x.is_contiguous()) return x;
  Array result = Array::like(x);
  copy_elements(x, result.mutable_data(), Extents(result.strides()));
  return result;
}

Array broadcast_view(const Array& x, std::span<const std::int64_t> shape) {
  if (x.has_shape(shape)) return x;
  return x.view(shape, broadcast_strides(x, shape), 0);
}

}  // namespace chainrule

#include "autodiff/kernels/element_tests.hpp"

#include <algorithm>

#include "autodiff/kernels/dispatch.hpp"
#include "autodiff/kernels/walk.hpp"

namespace chainrule {
namespace {

const ElementTestLoops& loops(DType dtype) {
  return detail::kernels().element_tests[dtype == DType::float32 ? 0 : 1];
}

/// Whether test(elements, n) is true for at least one of the blocks without gaps that together hold
/// all elements. Copies elements that are not adjacent to a buffer.
template <class Test>
bool holds_for_some_block(const Array& x, const Test& test) {
  if (x.is_contiguous()) return test(x.data(), static_cast<std::size_t>(x.size()));
  bool found = false;
  const Walk<1> walk(x.shape(), {Extents(x.strides())});
  const std::int64_t stride = walk.stride(0);
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    constexpr std::size_t capacity = 256;
    T buffer[capacity];
    walk.for_each_row([&](const auto& offsets) {
      const T* from = x.data_as<T>() + offsets[0];
      if (stride == 0 || stride == 1) {
        found = found || test(from, stride == 0 ? 1 : walk.row());
        return;
      }
      for (std::size_t begin = 0; begin < walk.row() && !found; begin += capacity) {
        const std::size_t count = std::min(walk.row() - begin, capacity);
        for (std::size_t i = 0; i < count; ++i, from += stride) buffer[i] = *from;
        found = test(buffer, count);
      }
    });
  });
  return found;
}

}  // namespace

bool all_finite(const Array& x) {
  return !holds_for_some_block(x, [&](const void* elements, std::size_t n) {
    return !loops(x.dtype()).all_finite(elements, n);
  });
}

bool any_untouched(const Array& x) {
  return holds_for_some_block(x, loops(x.dtype()).any_untouched);
}

}  // namespace chainrule

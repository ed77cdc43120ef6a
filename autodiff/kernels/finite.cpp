#include "autodiff/kernels/finite.hpp"

#include <cmath>
#include <limits>

#include "autodiff/kernels/walk.hpp"

namespace chainrule {
namespace {

// A count as wide as the elements, and no early end: so the loop becomes vector instructions.
template <class T>
bool row_is_finite(const T* x, std::size_t size, std::int64_t stride) {
  using Count = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
  Count bad = 0;
  if (stride == 1)
    for (std::size_t i = 0; i < size; ++i)
      bad |= std::fabs(x[i]) <= std::numeric_limits<T>::max() ? 0 : 1;
  else
    for (std::size_t i = 0; i < size; ++i)
      bad |= std::fabs(x[static_cast<std::int64_t>(i) * stride]) <= std::numeric_limits<T>::max()
                 ? 0
                 : 1;
  return bad == 0;
}

}  // namespace

bool all_finite(const Array& x) {
  bool is_finite = true;
  const Walk<1> walk(x.shape(), {Extents(x.strides())});
  with_type(x.dtype(), [&](auto zero) {
    const auto* const data = x.data_as<decltype(zero)>();
    walk.for_each_row([&](const auto& offsets) {
      is_finite = is_finite && row_is_finite(data + offsets[0], walk.row(), walk.stride(0));
    });
  });
  return is_finite;
}

}  // namespace chainrule

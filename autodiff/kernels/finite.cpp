#include "autodiff/kernels/finite.hpp"

#include <limits>

#include "autodiff/core/bits.hpp"
#include "autodiff/kernels/walk.hpp"

namespace chainrule {
namespace {

// An element is not finite if all bits of its exponent are set. Then adding one to the exponent
// overflows into the sign bit. There is no early exit, so that the compiler can vectorise the loop,
// even for instruction sets without a comparison of doubles.
template <class T>
bool row_is_finite(const T* x, std::size_t size, std::int64_t stride) {
  using Word = WordOf<T>;
  const Word exponent = bits_of(std::numeric_limits<T>::infinity());
  const Word one = exponent & ~(exponent << 1);
  Word overflows = 0;
  const auto look = [&](T element) { overflows |= (bits_of(element) & exponent) + one; };
  if (stride == 1)
    for (std::size_t i = 0; i < size; ++i) look(x[i]);
  else
    for (std::size_t i = 0; i < size; ++i) look(x[static_cast<std::int64_t>(i) * stride]);
  return overflows >> (8 * sizeof(Word) - 1) == 0;
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

#include "autodiff/kernels/finite.hpp"

#include <cstring>

#include "autodiff/kernels/walk.hpp"

namespace chainrule {
namespace {

/// The type for the bits of an element; all bits of `exponent` are set if the element is not
/// finite.
template <class T>
struct Bits {
  using Word = std::uint64_t;
  static constexpr Word exponent = 0x7ff0'0000'0000'0000;
};
template <>
struct Bits<float> {
  using Word = std::uint32_t;
  static constexpr Word exponent = 0x7f80'0000;
};

// If all exponent bits are set, adding one to the exponent overflows into the sign bit. There is no
// early exit, so that the compiler can vectorise the loop, even for instruction sets without a
// comparison of doubles.
template <class T>
bool row_is_finite(const T* x, std::size_t size, std::int64_t stride) {
  using Word = typename Bits<T>::Word;
  constexpr Word exponent = Bits<T>::exponent, one = exponent & ~(exponent << 1);
  Word overflows = 0;
  const auto look = [&](const T& element) {
    Word bits;
    std::memcpy(&bits, &element, sizeof bits);
    overflows |= (bits & exponent) + one;
  };
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

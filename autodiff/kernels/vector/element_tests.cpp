// Tests of all elements of an array. The inner loops have no early exit, so that the compiler can
// vectorise them.
#include "autodiff/kernels/element_tests.hpp"

#include <limits>

#include "autodiff/core/bits.hpp"
#include "autodiff/core/untouched.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {
namespace {

// An element is not finite if all bits of its exponent are set. Then adding one to the exponent
// overflows into the sign bit. No comparison is needed: not every instruction set can compare
// vectors of doubles.
template <class T>
bool all_finite(const void* data, std::size_t n) {
  using Word = detail::WordOf<T>;
  const T* const x = static_cast<const T*>(data);
  constexpr T infinity = std::numeric_limits<T>::infinity();
  const Word exponent = detail::bits_of(infinity);
  const Word one = exponent & ~(exponent << 1);
  Word overflows = 0;
  for (std::size_t i = 0; i < n; ++i) overflows |= (detail::bits_of(x[i]) & exponent) + one;
  return overflows >> (8 * sizeof(Word) - 1) == 0;
}

template <class T>
bool any_untouched(const void* data, std::size_t n) {
  using Word = detail::WordOf<T>;
  constexpr std::size_t block = 256;
  const T* const x = static_cast<const T*>(data);
  for (std::size_t begin = 0; begin < n; begin += block) {
    const std::size_t end = n - begin < block ? n : begin + block;
    Word found = 0;
    for (std::size_t i = begin; i < end; ++i)
      found |= static_cast<Word>(detail::is_untouched(x[i]));
    if (found != 0) return true;
  }
  return false;
}

}  // namespace

extern const ElementTestLoops element_tests[2];
constinit const ElementTestLoops element_tests[2] = {{all_finite<float>, any_untouched<float>},
                                                     {all_finite<double>, any_untouched<double>}};

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET

// Packs on the vector registers that xsimd knows. Code for different processors must not meet in
// one program under one name: who compiles this for a processor other than the build's own renames
// the namespace `xsimd` on the command line, and with it everything below
// (autodiff/CMakeLists.txt).
#pragma once

#if __has_include(<xsimd/xsimd.hpp>)

#include <xsimd/xsimd.hpp>

#include "autodiff/values/lanes.hpp"
#include "autodiff/values/words_xsimd.hpp"

namespace chainrule::detail {

template <class T, class Arch>
  requires std::is_base_of_v<xsimd::generic, Arch>
struct Lanes<T, Arch> {
  using Values = xsimd::batch<T, Arch>;
  using Mask = xsimd::batch_bool<T, Arch>;
  static constexpr std::size_t width = Values::size;

  [[gnu::always_inline]] static Values broadcast(T number) { return Values(number); }
  [[gnu::always_inline]] static Values load(const T* from) { return Values::load_unaligned(from); }
  [[gnu::always_inline]] static void store(const Values& x, T* to) { x.store_unaligned(to); }

  template <class Rule, class... X>
  [[gnu::always_inline]] static Values run(const X&... x) {
    return Rule::value(Word<T, Arch>{x}...).values;
  }
  template <class Rule>
  [[gnu::always_inline]] static Mask compare(const Values& x, const Values& y) {
    if constexpr (std::is_same_v<Rule, Less>)
      return x < y;
    else if constexpr (std::is_same_v<Rule, LessEqual>)
      return x <= y;
    else if constexpr (std::is_same_v<Rule, Greater>)
      return x > y;
    else if constexpr (std::is_same_v<Rule, GreaterEqual>)
      return x >= y;
    else if constexpr (std::is_same_v<Rule, Equal>)
      return x == y;
    else
      return !(x == y);  // xsimd's != says of NaN that it differs from nothing
  }

  [[gnu::always_inline]] static Values select(const Mask& condition, const Values& x,
                                              const Values& y) {
    return xsimd::select(condition, x, y);
  }
  [[gnu::always_inline]] static Mask both(const Mask& x, const Mask& y) { return x & y; }
  [[gnu::always_inline]] static Mask either(const Mask& x, const Mask& y) { return x | y; }
  [[gnu::always_inline]] static Mask negated(const Mask& x) { return !x; }
  [[gnu::always_inline]] static bool all(const Mask& x) { return xsimd::all(x); }
  [[gnu::always_inline]] static bool any(const Mask& x) { return xsimd::any(x); }
  [[gnu::always_inline]] static Mask is_untouched(const Values& x) {
    return (x == Values(T(0))) & (xsimd::copysign(Values(T(1)), x) < Values(T(0)));
  }
};

}  // namespace chainrule::detail

#endif

// The primitive operations of packs for each architecture. This file has the one without vectors,
// which runs on every processor.
#pragma once

#include <cstddef>

#include "autodiff/core/functions.hpp"
#include "autodiff/core/untouched.hpp"
#include "autodiff/rules/list.hpp"

namespace chainrule {

/// The architecture without vectors: one lane, computed by the scalar functions.
struct Portable {};

namespace detail {

/// The registers of a pack and the operations on them. Members, all static:
///   Values, Mask, width      a register of numbers, one of truth values, the number of lanes
///   broadcast, load, store   from one number, from memory, to memory
///   load_first, store_first  access the first `count` lanes, 1 to width; loading copies the first
///                            number to the other lanes, so that no lane holds undefined data
///   run<Rule>(x...)          a primitive rule
///   compare<Rule>(x, y)      a comparison, which gives a Mask
///   select(mask, x, y), both(m, n), either(m, n), negated(m), all(m), any(m),
///   is_untouched(x)
template <class T, class Arch>
struct Lanes;

template <class T>
struct Lanes<T, Portable> {
  using Values = T;
  using Mask = bool;
  static constexpr std::size_t width = 1;

  static T broadcast(T number) { return number; }
  static T load(const T* from) { return *from; }
  static void store(T value, T* to) { *to = value; }
  static T load_first(const T* from, std::size_t /*count*/) { return *from; }
  static void store_first(T value, T* to, std::size_t /*count*/) { *to = value; }
  template <class Rule, class... X>
  static T run(X... x) {
    return static_cast<T>(value_of<Rule>(static_cast<double>(x)...));
  }
  template <class Rule>
  static bool compare(T x, T y) {
    return Rule::holds(static_cast<double>(x), static_cast<double>(y));
  }
  static T select(bool condition, T x, T y) { return condition ? x : y; }
  static bool both(bool x, bool y) { return x && y; }
  static bool either(bool x, bool y) { return x || y; }
  static bool negated(bool x) { return !x; }
  static bool all(bool x) { return x; }
  static bool any(bool x) { return x; }
  static bool is_untouched(T x) { return detail::is_untouched(static_cast<double>(x)); }
};

}  // namespace detail
}  // namespace chainrule

// Pack: the value type that runs a rule on several numbers at once.
#pragma once

#include "autodiff/core/functions.hpp"
#include "autodiff/rules/list.hpp"
#include "autodiff/values/lanes.hpp"

namespace chainrule {

template <class T, class Arch>
class PackCondition;

/// As many numbers of type T (float or double) as a vector register of the architecture holds. The
/// architecture is one of xsimd's (values/lanes_xsimd.hpp), or Portable with one number. Rules run
/// on packs unchanged,
///   rules::Sigmoid::dx(x, r),
/// and plain numbers may be mixed in. Lanes are independent of each other. Cost: one vector
/// instruction per arithmetic operation; for functions without a vector form (lane_by_lane.hpp) one
/// scalar call per lane.
template <class T, class Arch>
class Pack {
 public:
  using Element = T;
  using Lanes = detail::Lanes<T, Arch>;
  using Values = typename Lanes::Values;
  static constexpr std::size_t width = Lanes::width;

  Pack() = default;
  /// The same number in all lanes.
  template <Number N>
  [[gnu::always_inline]] Pack(N number) : values_(Lanes::broadcast(static_cast<T>(number))) {}
  [[gnu::always_inline]] explicit Pack(const Values& values) requires(width > 1)
      : values_(values) {}

  /// `width` contiguous numbers; no alignment is required. Numbers of another type are converted.
  template <class Stored>
  [[gnu::always_inline]] static Pack load(const Stored* from) {
    if constexpr (std::is_same_v<Stored, T>) {
      return Pack(Lanes::load(from));
    } else {
      T converted[width];
      for (std::size_t i = 0; i < width; ++i) converted[i] = static_cast<T>(from[i]);
      return Pack(Lanes::load(converted));
    }
  }
  template <class Stored>
  [[gnu::always_inline]] void store(Stored* to) const {
    if constexpr (std::is_same_v<Stored, T>) {
      Lanes::store(values_, to);
    } else {
      T numbers[width];
      Lanes::store(values_, numbers);
      for (std::size_t i = 0; i < width; ++i) to[i] = static_cast<Stored>(numbers[i]);
    }
  }

  /// The first `count` numbers, 1 to `width`; the remaining lanes repeat the first of them.
  template <class Stored>
  [[gnu::always_inline]] static Pack load_first(const Stored* from, std::size_t count) {
    if constexpr (std::is_same_v<Stored, T>) {
      return Pack(Lanes::load_first(from, count));
    } else {
      T converted[width];
      for (std::size_t i = 0; i < width; ++i)
        converted[i] = static_cast<T>(from[i < count ? i : 0]);
      return Pack(Lanes::load(converted));
    }
  }
  template <class Stored>
  [[gnu::always_inline]] void store_first(Stored* to, std::size_t count) const {
    if constexpr (std::is_same_v<Stored, T>) {
      Lanes::store_first(values_, to, count);
    } else {
      T numbers[width];
      Lanes::store(values_, numbers);
      for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<Stored>(numbers[i]);
    }
  }

  /// The register of the lanes: a batch of xsimd, or a T.
  const Values& values() const { return values_; }

  /// True in the lanes that are untouched adjoints (core/untouched.hpp).
  [[gnu::always_inline]] PackCondition<T, Arch> is_untouched() const;

 private:
  Values values_;
};

/// The result of only_if(): a partial that is a structural zero in the lanes that are not open.
template <class T, class Arch>
struct GatedPack {
  PackCondition<T, Arch> open;
  Pack<T, Arch> partial;
};

/// The result of comparing packs: one truth value per lane. It can be the condition of select,
/// only_if and normally (core/functions.hpp).
template <class T, class Arch>
class PackCondition {
 public:
  using Lanes = detail::Lanes<T, Arch>;
  using Mask = typename Lanes::Mask;

  [[gnu::always_inline]] PackCondition(bool holds) : mask_(holds) {}
  [[gnu::always_inline]] explicit PackCondition(const Mask& mask) requires(Lanes::width > 1)
      : mask_(mask) {}

  const Mask& mask() const { return mask_; }
  bool all() const { return Lanes::all(mask_); }
  bool any() const { return Lanes::any(mask_); }

  using P = Pack<T, Arch>;
  [[gnu::always_inline]] P select(const P& x, const P& y) const {
    return P(Lanes::select(mask_, x.values(), y.values()));
  }
  [[gnu::always_inline]] GatedPack<T, Arch> only_if(const P& partial) const {
    return {*this, partial};
  }
  /// Computes only the forms that some lane needs.
  template <class Plain, class Otherwise>
  [[gnu::always_inline]] P normally(Plain plain, Otherwise otherwise) const {
    if (all()) return plain();
    if (!any()) return otherwise();
    return select(plain(), otherwise());
  }

  // One of the operands may be a bool.
  [[gnu::always_inline]] friend PackCondition operator&&(const PackCondition& x,
                                                         const PackCondition& y) {
    return PackCondition(Lanes::both(x.mask_, y.mask_));
  }
  [[gnu::always_inline]] friend PackCondition operator||(const PackCondition& x,
                                                         const PackCondition& y) {
    return PackCondition(Lanes::either(x.mask_, y.mask_));
  }
  [[gnu::always_inline]] PackCondition operator!() const {
    return PackCondition(Lanes::negated(mask_));
  }

 private:
  Mask mask_;
};

template <class T, class Arch>
inline PackCondition<T, Arch> Pack<T, Arch>::is_untouched() const {
  return PackCondition<T, Arch>(Lanes::is_untouched(values_));
}

template <class T, class Arch>
struct Interpreter<Pack<T, Arch>> {
  using P = Pack<T, Arch>;
  using Lanes = detail::Lanes<T, Arch>;
  static constexpr bool is_plain = true;

  /// A primitive calls the function of the lanes; any other rule, and `select`, runs its own code.
  template <class Rule, class... X>
  [[gnu::always_inline]] static P apply(const X&... x) {
    if constexpr (requires { Rule::holds(0.0, 0.0); })
      return compare<Rule>(x...).select(1.0, 0.0);
    else if constexpr (Rule::notation.is_primitive && !std::is_same_v<Rule, rules::Select>)
      return P(Lanes::template run<Rule>(P(x).values()...));
    else
      return value_of<Rule>(x...);
  }
  template <class Rule>
  [[gnu::always_inline]] static PackCondition<T, Arch> compare(const P& x, const P& y) {
    return PackCondition<T, Arch>(Lanes::template compare<Rule>(x.values(), y.values()));
  }
  [[gnu::always_inline]] static P select(bool condition, const P& x, const P& y) {
    return condition ? x : y;
  }
};

}  // namespace chainrule

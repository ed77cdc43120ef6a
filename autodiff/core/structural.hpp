// The form of a structural rule: an operation on whole arrays. A struct in autodiff/rules/ does
// this for numbers (core/rule.hpp); such a struct does it for arrays:
//
//   struct Transpose : Rearranging {
//     static constexpr Notation notation = library_call("transpose");
//     struct Parameters { Axes order; };
//     static Array value(const Parameters& p, const Array& x);      // throws ShapeError
//     template <Tensorial T>
//     static Adjoint<T> dx(const Parameters& p, const T& x, const T& result,
//                          const Adjoint<T>& adjoint) {
//       return permute(adjoint, inverse(p.order));
//     }
//   };
//
// value() begins by checking shapes. dx(), dy(), dz() give the adjoint of each operand from the
// adjoint of the result, in terms of other operations. They are generic: with T = Array they are
// the numeric sweep; with T = Tensor they record, so derivatives have derivatives. The type
// Adjoint<T> (structural/adjoint.hpp) knows which elements something has reached, so a rule need
// not. Each function may return a shape that broadcasting had stretched: the sweep sums it back.
//
// Rules of any number of operands (arity = -1) have value(p, x) and operand_adjoint(p, k, x,
// result, adjoint) instead, where x is an OperandList. A rule whose result is a selection of the
// elements of its only operand (a slice, chosen rows) may have, instead of dx(),
//
//     static void add_adjoint(const Parameters& p, const Array& adjoint, Array& sum);
//
// which adds the adjoint to the selected elements of `sum`, so that a tensor that is used piece by
// piece costs what its pieces cost.
#pragma once

#include <span>

#include "autodiff/core/operand.hpp"
#include "autodiff/core/rule.hpp"
#include "autodiff/core/shape.hpp"
#include "autodiff/core/short_array.hpp"

namespace chainrule {

class Array;
template <class T>
class Adjoint;

/// The base of a structural rule, with its number of operands.
template <int operands>
struct Structural {
  static constexpr int arity = operands;
  struct Parameters {};
};
/// The base of a structural rule of any number of operands.
using Variadic = Structural<-1>;
/// The base of a rule of one operand each of whose results is an element of the operand, a sum of
/// some of them, or a number `fill` of its parameters. Applied to an adjoint, its `fill` is no
/// number: nothing has reached the elements that it fills.
struct Rearranging : Structural<1> {
  static constexpr bool rearranges = true;
};
/// Any number of operands, wherever they are.
template <class T>
using OperandList = std::span<const T* const>;

/// Runs a structural rule.
template <class Rule, Tensorial... T>
auto apply(const typename Rule::Parameters& parameters, const T&... x) {
  return Interpreter<Leading<T...>>::template structural<Rule>(parameters, x...);
}
template <class Rule, Tensorial T>
T apply(const typename Rule::Parameters& parameters, std::span<const T> x) {
  ShortArray<const T*> operands(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) operands[i] = &x[i];
  return Interpreter<T>::template structural<Rule>(parameters, OperandList<T>(operands));
}

}  // namespace chainrule

// The form of a structural rule, which is an operation on whole arrays. A struct in autodiff/rules/
// describes an operation on numbers (core/rule.hpp); a struct of this form describes one on arrays:
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
// value() checks the shapes first. dx(), dy(), dz() compute the adjoint of each operand from the
// adjoint of the result, using other operations. They are generic: with T = Array they are the
// numeric sweep; with T = Tensor they record, so derivatives can be differentiated again. The type
// Adjoint<T> (structural/adjoint.hpp) tracks which elements have been reached, so that a rule need
// not. The returned adjoint may have the shape to which broadcasting stretched the operand: the
// sweep sums it back.
//
// Rules with any number of operands (arity = -1) have value(p, x) and operand_adjoint(p, k, x,
// result, adjoint) instead, where x is an OperandList. A rule whose result is a selection of the
// elements of its only operand (a slice, selected rows) may have, instead of dx(),
//
//     static void add_adjoint(const Parameters& p, const Array& adjoint, Array& sum);
//
// which adds the adjoint to the selected elements of `sum`. The cost of using a tensor piece by
// piece is then the sum of the costs of the pieces.
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

/// The base class of a structural rule with a fixed number of operands.
template <int operands>
struct Structural {
  static constexpr int arity = operands;
  struct Parameters {};
};
/// The base class of a structural rule with any number of operands.
using Variadic = Structural<-1>;
/// The base class of a rule with one operand whose result elements are each an element of the
/// operand, a sum of several elements, or the number `fill` of its parameters. When the rule is
/// applied to an adjoint, the elements set to `fill` count as not reached.
struct Rearranging : Structural<1> {
  static constexpr bool rearranges = true;
};
/// Pointers to any number of operands.
template <class T>
using OperandList = std::span<const T* const>;

/// Applies a structural rule.
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

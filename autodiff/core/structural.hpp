// The form of a structural rule: an operation on whole arrays. What a struct in autodiff/rules/ is
// for numbers (core/rule.hpp), such a struct is for arrays:
//
//   struct Transpose : Structural<1> {
//     static constexpr Notation notation = library_call("transpose");
//     struct Parameters { Axes order; };
//     static Array value(const Parameters& p, const Array& x);      // throws ShapeError
//     template <Tensorial T>
//     static T dx(const Parameters& p, const T& x, const T& result, const T& adjoint) {
//       return transpose(adjoint, inverse(p.order));
//     }
//   };
//
// value() is declared in rules/ and defined in kernels/, where the loops and the libraries are; it
// begins by checking shapes. dx(), dy(), dz() give the adjoint of each operand from the adjoint of
// the result, in the words of other operations. Like a partial, they are generic: run on Arrays
// they are the sweep; run on Tensors they record, so derivatives have derivatives. Each may return
// a shape that broadcasting had stretched: the sweep sums it back. Rules of any number of operands
// (arity = -1) have value(p, x) and operand_adjoint(p, k, x, result, adjoint) instead, where x is
// an OperandList. A rule that gives an operand its adjoint in a small part only may say besides how
// the sweep of numbers adds it to what is there, instead of making a whole array for it:
//
//     static void add_adjoint(const Parameters& p, const Array& adjoint, Array& sum);
#pragma once

#include <span>

#include "autodiff/core/operand.hpp"
#include "autodiff/core/rule.hpp"
#include "autodiff/core/shape.hpp"
#include "autodiff/core/short_array.hpp"

namespace chainrule {

class Array;

/// The base of a structural rule, with its number of operands.
template <int operands>
struct Structural {
  static constexpr int arity = operands;
  struct Parameters {};
};
/// The base of a structural rule of any number of operands.
using Variadic = Structural<-1>;
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

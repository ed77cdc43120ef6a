// Sums of products in Einstein notation.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "autodiff/core/product_precision.hpp"
#include "autodiff/structural/arrangement.hpp"
#include "autodiff/structural/reduction.hpp"

namespace chainrule {

namespace detail {
/// One letter per axis: the names of the indices.
using IndexLetters = std::string;
}  // namespace detail

namespace rules {
/// A single operand of an einsum(): takes the diagonal where an index is repeated, sums over the
/// indices that are not kept, and orders the axes like `kept`. A view if nothing is summed.
struct CollectIndices : Rearranging {
  static constexpr Notation notation = library_call("collect_indices");
  struct Parameters {
    detail::IndexLetters from, kept;
    double fill = 0.0;  ///< the sum of no elements
  };
  static Array value(const Parameters& p, const Array& x);
  static std::string describe(const Parameters& p) { return p.from + "->" + p.kept; }
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T& result, const Adjoint<T>& adjoint);
};

/// The adjoint of CollectIndices: repeats x along the indices that it does not have. If an index of
/// the result is repeated, puts x on the diagonal, with `fill` elsewhere.
struct SpreadIndices : Rearranging {
  static constexpr Notation notation = library_call("spread_indices");
  struct Parameters {
    detail::IndexLetters from, onto;
    Shape shape;  ///< of the result
    double fill = 0.0;
  };
  static Array value(const Parameters& p, const Array& x);
  static std::string describe(const Parameters& p) { return p.from + "->" + p.onto; }
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T&, const T&, const Adjoint<T>& adjoint) {
    return apply<CollectIndices>({p.onto, p.from}, adjoint);
  }
};
}  // namespace rules

template <Tensorial T>
Adjoint<T> rules::CollectIndices::dx(const Parameters& p, const T& x, const T&,
                                     const Adjoint<T>& adjoint) {
  return apply<rules::SpreadIndices>({p.kept, p.from, Shape(x.shape())}, adjoint);
}

namespace detail {

/// The union of two sets of letters.
IndexLetters union_of(const IndexLetters& x, const IndexLetters& y);
bool contains(const IndexLetters& letters, char c);
/// Whether the product of x and another operand sums over an index, which both then have.
bool has_sums(const IndexLetters& x, const IndexLetters& result);

/// The axes of x, ordered like the letters in `onto`, with an axis of size 1 for each letter that x
/// lacks. Precondition: no letter is repeated in `from`, and all are in `onto`.
template <Tensorial T>
T along(const T& x, const IndexLetters& from, const IndexLetters& onto) {
  Axes order;
  Shape shape;
  const Shape sizes(x.shape());
  for (const char c : onto) {
    const std::size_t axis = from.find(c);
    const bool is_there = axis != IndexLetters::npos;
    if (is_there) order.push_back(static_cast<std::int64_t>(axis));
    shape.push_back(is_there ? sizes[axis] : 1);
  }
  return reshape(permute(x, order), shape);
}

}  // namespace detail

namespace rules {
/// Two operands of an einsum(). Each index is in at least two of x, y and the result, and at most
/// once in each. Such products are closed under differentiation: the adjoint of x is the product of
/// the result's adjoint and y, with the letters exchanged. Computed by matrix products. An operand
/// whose strides do not allow this is copied first.
struct Contract : Structural<2> {
  static constexpr Notation notation = library_call("einsum");
  struct Parameters {
    detail::IndexLetters x, y, result;
    Precision precision = Precision::full;
  };
  static Array value(const Parameters& p, const Array& x, const Array& y);
  static std::string describe(const Parameters& p) { return p.x + "," + p.y + "->" + p.result; }
  static Array reached(const Parameters& p, const Array& x, const Array& y) {
    return value(p, x, y);
  }
  template <Tensorial X, Tensorial Y>
  static auto separately(const Parameters& p, const X& x, const Y& y) {
    const detail::IndexLetters all = detail::union_of(p.x, p.y);
    return apply<CollectIndices>({all, p.result},
                                 detail::along(x, p.x, all) * detail::along(y, p.y, all));
  }
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T& y, const T&,
                       const Adjoint<T>& adjoint) {
    return detail::has_sums(p.result, p.x)
               ? apply<Contract>({p.result, p.y, p.x, p.precision}, adjoint, y)
               : product(p, adjoint, y, p.y, p.x, Shape(x.shape()));
  }
  template <Tensorial T>
  static Adjoint<T> dy(const Parameters& p, const T& x, const T& y, const T&,
                       const Adjoint<T>& adjoint) {
    return detail::has_sums(p.x, p.y)
               ? apply<Contract>({p.x, p.result, p.y, p.precision}, x, adjoint)
               : product(p, adjoint, x, p.x, p.y, Shape(y.shape()));
  }

 private:
  /// The adjoint times the other operand, with the axes `onto` of the operand whose adjoint this
  /// is.
  template <Tensorial T>
  static Adjoint<T> product(const Parameters& p, const Adjoint<T>& adjoint, const T& other,
                            const detail::IndexLetters& of_other, const detail::IndexLetters& onto,
                            const Shape& shape) {
    return expand(detail::along(adjoint, p.result, onto), shape) *
           detail::along(other, of_other, onto);
  }
};
}  // namespace rules

namespace detail {

/// The steps that compute an einsum(). Each step appends a tensor to the list of operands.
struct EinsumPlan {
  struct Step {
    std::size_t x, y;  ///< indices of the operands; y = x if there is only one
    IndexLetters of_x, of_y, result;
  };
  std::vector<Shape> shapes;  ///< of the operands, without the axes of size 1 that broadcast
  std::vector<Step> steps;
};
/// Throws ShapeError, naming the equation and the shapes.
EinsumPlan plan_einsum(std::string_view equation, std::span<const Shape> shapes);

}  // namespace detail

/// The sum of products that the equation specifies, like NumPy's einsum. In "ij,jk->ik" each
/// operand has one letter per axis. The result has one element for each combination of the letters
/// after the arrow; all other letters are summed over. A letter that is repeated in one operand
/// takes its diagonal. The sizes of a letter must be equal or 1, which broadcasts. Spaces are
/// ignored.
///
/// "..." stands for any number of further axes, such as those of a batch: "...ij,...jk->...ik".
/// They are aligned at the last one and broadcast, and the result must have them. Without an arrow,
/// the result has those axes and then the letters that occur once, in alphabetical order.
///
/// There may be any number of operands. They are multiplied in pairs, the cheapest pair first. The
/// products of two or more operands make one node fewer than there are operands. An operand whose
/// repeated letters, or letters of its own, are summed first makes one more node. So does the
/// reshape() of an operand with broadcast axes. Throws ShapeError, with the equation and the
/// shapes. Cost: that of the matrix products, and about a microsecond to parse the equation.
template <Tensorial T>
T einsum(std::string_view equation, std::span<const T> operands) {
  std::vector<Shape> shapes;
  shapes.reserve(operands.size());
  for (const T& x : operands) shapes.push_back(detail::shape_of(x, "einsum"));
  const detail::EinsumPlan plan = detail::plan_einsum(equation, shapes);
  std::vector<T> tensors(operands.begin(), operands.end());
  for (std::size_t k = 0; k < tensors.size(); ++k)
    if (plan.shapes[k].size() != tensors[k].rank())
      tensors[k] = reshape(tensors[k], plan.shapes[k]);
  for (const auto& [x, y, of_x, of_y, result] : plan.steps)
    tensors.push_back(x == y ? apply<rules::CollectIndices>({of_x, result}, tensors[x])
                             : apply<rules::Contract>({of_x, of_y, result, product_precision()},
                                                      tensors[x], tensors[y]));
  return tensors.back();
}
template <Tensorial T>
T einsum(std::string_view equation, std::initializer_list<T> operands) {
  return einsum(equation, std::span<const T>(operands.begin(), operands.size()));
}

namespace rules {
using Einsum = RuleList<CollectIndices, SpreadIndices, Contract>;
}  // namespace rules

}  // namespace chainrule

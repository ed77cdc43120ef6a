// Tensor: an array whose operations are recorded.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "autodiff/core/axis_list.hpp"
#include "autodiff/core/structural.hpp"
#include "autodiff/graph/var.hpp"
#include "autodiff/kernels/elements.hpp"
#include "autodiff/structural/arrangement.hpp"

namespace chainrule {

class Indices;

/// An Array with the tag of a node; 16 bytes, cheap to copy. Every operation on it appends one node
/// to the graph of the thread, the same graph that Vars record into. A Tensor made from numbers is
/// a constant: it belongs to no graph and makes no node.
class Tensor : public detail::CommonMistakes {
 public:
  /// An unassigned tensor: all it allows is assignment.
  Tensor() = default;
  /// A constant. See variable() for a tensor to differentiate with respect to.
  Tensor(Array constant) : value_(std::move(constant)) {}

  const Array& value() const { return value_; }
  // These throw ShapeError if the tensor was never assigned.
  DType dtype() const { return assigned("dtype").dtype(); }
  std::size_t rank() const { return assigned("rank").rank(); }
  std::int64_t size() const { return assigned("size").size(); }
  Shape shape() const { return Shape(assigned("shape").shape()); }
  std::int64_t shape(std::int64_t axis) const;

  bool is_constant() const { return tag_ == 0; }
  /// The number of its node in its graph; meaningless for a constant.
  Id id() const { return detail::id_of(tag_); }
  Tag tag() const { return tag_; }

  /// Gives the node a name, for pictures and messages, and returns the Tensor.
  Tensor named(std::string_view name) const;
  std::string_view name() const;

  /// The only element, as a number. Throws ShapeError if there are more, or none.
  double item() const;
  /// The element at an index, one number per axis; negative numbers count from the end.
  double at(std::initializer_list<std::int64_t> index) const;
  /// The same element as a Var of the graph.
  Var element(std::initializer_list<std::int64_t> index) const;
  /// The only element as a Var. Throws ShapeError if there are more, or none.
  operator Var() const;

  /// The slab at an index of the first axis, which is removed: t[1][2] is row 1, column 2 of a
  /// matrix. Negative indices count from the end. A view, recorded as a slice() and a reshape().
  /// Throws ShapeError for rank 0 and for an index out of range.
  Tensor operator[](std::int64_t index) const;

  // The usual methods of NumPy and PyTorch. Each calls the function of the same name, and its
  // documentation applies; a comment gives the function where the names differ.
  Tensor T() const;  ///< transpose(), all axes in reverse
  Tensor transpose() const;
  Tensor transpose(std::int64_t i, std::int64_t j) const;
  Tensor permute(const Axes& order) const;
  Tensor reshape(const Shape& shape) const;
  Tensor flatten() const;
  Tensor squeeze() const;
  Tensor squeeze(std::int64_t axis) const;
  Tensor unsqueeze(std::int64_t axis) const;
  Tensor astype(DType dtype) const;
  Tensor detach() const;

  Tensor sum(const AxisList& axes = all_axes, bool keepdims = false) const;
  Tensor mean(const AxisList& axes = all_axes, bool keepdims = false) const;
  Tensor prod(const AxisList& axes = all_axes, bool keepdims = false) const;
  Tensor max(const AxisList& axes = all_axes, bool keepdims = false) const;  ///< amax()
  Tensor min(const AxisList& axes = all_axes, bool keepdims = false) const;  ///< amin()
  Tensor var(const AxisList& axes = all_axes, double correction = 0.0, bool keepdims = false) const;
  Tensor std(const AxisList& axes = all_axes, double correction = 0.0,
             bool keepdims = false) const;  ///< stddev()
  Tensor norm(double p = 2.0, const AxisList& axes = all_axes, bool keepdims = false) const;
  Indices argmax(std::int64_t axis) const;
  Indices argmin(std::int64_t axis) const;

  Tensor cumsum(std::int64_t axis) const;
  Tensor cumprod(std::int64_t axis) const;
  Tensor sort(std::int64_t axis = -1, bool descending = false) const;
  Indices argsort(std::int64_t axis = -1, bool descending = false) const;
  Tensor matmul(const Tensor& y) const;
  Tensor dot(const Tensor& y) const;

  /// For passes that record: node `tag` of the current graph, with its value.
  static Tensor node(Array value, Tag tag) {
    Tensor tensor(std::move(value));
    tensor.tag_ = tag;
    return tensor;
  }

 private:
  const Array& assigned(const char* operation) const {
    if (value_.is_null()) [[unlikely]]
      detail::throw_unassigned(operation);
    return value_;
  }

  Array value_;
  Tag tag_ = 0;
};

/// A new variable of the current graph; it shares the elements of `value`. Throws GraphError
/// without a graph, DomainError if an element is NaN or infinite.
Tensor variable(const Tensor& value);
Tensor variable(const Tensor& value, std::string_view name);

/// A Var as a tensor of rank 0.
Tensor tensor(const Var& x, DType dtype = DType::float64);
/// Combines Vars into a tensor of rank 1.
Tensor stack(std::span<const Var> x, DType dtype = DType::float64);

namespace detail {
struct TensorOperation;

/// An operand of an elementwise operation on tensors.
struct TensorInput {
  TensorInput(const Tensor& x) : tensor(&x) {}
  TensorInput(const Array& x) : array(&x) {}
  TensorInput(const Var& x) : var(&x) {}
  template <Number N>
  TensorInput(N x) : number(static_cast<double>(x)) {}

  const Tensor* tensor = nullptr;
  const Array* array = nullptr;
  const Var* var = nullptr;
  double number = 0.0;
};

Tensor record_elements(const Operation& operation, const TensorInput* x, int count);
Tensor record_structural(const TensorOperation& operation, const void* parameters,
                         const Tensor* const* x, std::size_t count);
/// A variable, without the check of every element.
Tensor variable_unchecked(const Array& value);

template <class Rule>
const TensorOperation& structural_operation_of();

}  // namespace detail

template <>
struct Interpreter<Tensor> {
  static constexpr bool is_tensorial = true;
  static constexpr int priority = 3;

  template <class Rule, class... X>
  static Tensor apply(const X&... x) {
    detail::check_is_listed<Rule>();
    const detail::TensorInput inputs[] = {detail::TensorInput(x)...};
    return detail::record_elements(detail::recorded_operation_of<Rule>(), inputs, sizeof...(X));
  }
  /// Comparisons use the numbers only: no derivative flows, and no node is made.
  template <class Rule, class X, class Y>
  static Mask compare(const X& x, const Y& y) {
    return Interpreter<Array>::compare<Rule>(numbers(x), numbers(y));
  }
  template <class Rule, std::same_as<Tensor>... X>
  static Tensor structural(const typename Rule::Parameters& parameters, const X&... x) {
    const Tensor* const operands[] = {&x...};
    return detail::record_structural(detail::structural_operation_of<Rule>(), &parameters, operands,
                                     sizeof...(X));
  }
  template <class Rule>
  static Tensor structural(const typename Rule::Parameters& parameters, OperandList<Tensor> x) {
    return detail::record_structural(detail::structural_operation_of<Rule>(), &parameters, x.data(),
                                     x.size());
  }
  static Tensor select(bool condition, const Tensor& x, const Tensor& y) {
    return condition ? x : y;
  }
  template <class X, class Y>
  static Tensor choose(const Array& mask, const X& x, const Y& y) {
    return apply<rules::Select>(mask, x, y);
  }

 private:
  static const Array& numbers(const Tensor& x) { return x.value(); }
  static const Array& numbers(const Array& x) { return x; }
  static double numbers(const Var& x) { return x.value(); }
  template <Number N>
  static double numbers(N x) {
    return static_cast<double>(x);
  }
};

// As those of Vars: better matches than std::max and the like.
inline Tensor max(const Tensor& x, const Tensor& y) { return apply<rules::Max>(x, y); }
inline Tensor min(const Tensor& x, const Tensor& y) { return apply<rules::Min>(x, y); }
inline Tensor clamp(const Tensor& x, const Tensor& low, const Tensor& high) {
  return apply<rules::Clamp>(x, low, high);
}

}  // namespace chainrule

// Gradients: numbers from one reverse sweep, or derivatives as Vars.
#pragma once

#include <concepts>
#include <initializer_list>
#include <span>
#include <type_traits>
#include <vector>

#include "autodiff/graph/graph.hpp"
#include "autodiff/graph/keyed_variable.hpp"
#include "autodiff/sweep/adjoints.hpp"
#include "autodiff/sweep/reverse.hpp"
#include "autodiff/values/pool.hpp"

namespace chainrule {

/// The entry of a keyed variable in a gradient.
struct KeyedAdjoint {
  bool is_variable = false;  ///< whether it was a variable of the output's graph
  Array array;               ///< the derivative; null if nothing flows from the variable
};

/// The derivatives of an output, or of a weighted sum of outputs, with respect to every node of its
/// graph: variables and intermediate results alike. A value: it may outlive the graph.
class Gradient {
 public:
  /// The derivative with respect to x; 0 if nothing flows from x to the output. Throws GraphError
  /// if x is a constant, belongs to another graph, or was recorded in this one after a clear or
  /// rewind.
  double operator[](const Var& x) const {
    if (detail::generation_of(x.tag()) != epoch_.generation || !later_epochs_.empty()) [[unlikely]]
      check(x);
    return adjoint(x.id());
  }

  /// The same for a tensor: a constant with its shape and element type. Cost of a call: one pass
  /// over the elements.
  Tensor operator[](const Tensor& x) const;
  /// The derivative with respect to the variable that x was when the output was computed, even if x
  /// has changed since. If x had several variables because its numbers changed, this is the
  /// youngest from which something flows. Throws GraphError if it had none in the output's graph.
  template <Keyed X>
  Tensor operator[](const X& x) const {
    return keyed_derivative(x.key(), x.value());
  }

  /// The derivative with respect to a keyed variable, chosen as in operator[], for callers that
  /// change arrays in place. Makes no copy: the array is shared with the gradient, so it is unique
  /// (Array::is_unique()) only after the gradient has ended and if nothing else holds it. Zeros may
  /// have either sign. Never throws.
  template <Keyed X>
  KeyedAdjoint adjoint_of(const X& x) const {
    return keyed_adjoint(x.key());
  }

  /// Whether the tag belongs to a node that the output's graph had, so that the derivative with
  /// respect to it is defined. False for a constant.
  bool covers(Tag tag) const;
  /// Throws GraphError unless covers(tag).
  void check(Tag tag) const;
  /// The variable with this key that existed when the output was computed: of several, the youngest
  /// from which something flows, or the youngest if nothing does; 0 if there was none. Cost:
  /// independent of the number of other keys.
  Tag find(VariableKey key) const;
  /// The number of nodes that the output's graph had, up to the output.
  std::size_t size() const { return adjoints_.size(); }
  /// The record of the output's graph, for reading the names of nodes; nullptr if the graph has
  /// ended, was cleared, or belongs to another thread. After a rewind, covers() is false for some
  /// of its nodes.
  const detail::Tape* tape() const;
  /// Whether anything flows from node `id` to the output. If not, its derivative is a structural
  /// zero.
  bool reaches(Id id) const {
    return id < adjoints_.size() && !detail::is_untouched(adjoints_[id]);
  }
  /// The derivative with respect to node `id`; 0 for a node recorded after the output.
  double adjoint(Id id) const { return reaches(id) ? adjoints_[id] : 0.0; }
  /// The derivative with respect to tensor node `id` as the sweep left it: zeros in elements from
  /// which nothing flows may have either sign. A null array if nothing flows from any element.
  Array tensor_adjoint(Id id) const;

 private:
  friend Gradient gradient(const Var& output);
  friend Gradient gradient(std::span<const Var> outputs, std::span<const double> seeds);
  friend Gradient gradient(std::span<const Tensor> outputs, std::span<const Tensor> seeds);
  Gradient(const detail::Tape& tape, std::size_t size);
  void check(const Var& x) const;  // the same for a node that may be a constant
  std::uint32_t generation_at(Id id) const;
  Tensor keyed_derivative(VariableKey key, const Array& like) const;
  KeyedAdjoint keyed_adjoint(VariableKey key) const;
  Tensor derivative_at(Id id, const Array& like) const;

  detail::Adjoints adjoints_;
  detail::TensorAdjoints tensors_;
  detail::KeyedNodes<PoolAllocator> keyed_;        // those with ids below the size of adjoints_
  detail::Tape::Epoch epoch_;                      // the epochs that the graph had: the first one,
  std::vector<detail::Tape::Epoch> later_epochs_;  // and the others, if it was rewound
};

/// d output / d everything, by one reverse sweep. Cost: a small multiple of recording the output.
/// Throws GraphError if the output is a constant or its graph is gone.
Gradient gradient(const Var& output);

/// The sum of the outputs' gradients, weighted by the seeds: a vector-Jacobian product, at the cost
/// of one gradient. Throws GraphError if there are no outputs, or not one seed per output.
Gradient gradient(std::span<const Var> outputs, std::span<const double> seeds);

/// The same for tensor outputs: the gradient of the sum of all elements of each output times its
/// seed. A seed has the shape and element type of its output; otherwise throws ShapeError or
/// DTypeError.
Gradient gradient(std::span<const Tensor> outputs, std::span<const Tensor> seeds);
/// The same with braced lists: gradient({y, z}, {1.0, 0.5}).
inline Gradient gradient(std::initializer_list<Var> outputs, std::initializer_list<double> seeds) {
  return gradient(std::span<const Var>(outputs.begin(), outputs.size()),
                  std::span<const double>(seeds.begin(), seeds.size()));
}
inline Gradient gradient(std::initializer_list<Tensor> outputs,
                         std::initializer_list<Tensor> seeds) {
  return gradient(std::span<const Tensor>(outputs.begin(), outputs.size()),
                  std::span<const Tensor>(seeds.begin(), seeds.size()));
}
/// d output / d everything for an output of one element. Throws ShapeError if it has more.
Gradient gradient(const Tensor& output);

namespace detail {
/// An element of a list that mixes Vars and Tensors.
struct VarOrTensor {
  VarOrTensor(const Var&) {}
  VarOrTensor(const Tensor&) {}
};
}  // namespace detail

/// d output / d x as a Var of the same graph, which can be differentiated again, used in formulas
/// and drawn. x may be any node. The constant 0 if the output does not depend on x or is itself a
/// constant. Throws GraphError if x is a constant, or if either is not in the innermost graph of
/// this thread.
Var derivative(const Var& output, const Var& x);
/// The same with respect to several nodes, in one sweep.
std::vector<Var> derivative(const Var& output, std::span<const Var> x);
/// The derivatives of a weighted sum of outputs, whose weights may be Vars.
std::vector<Var> derivative(std::span<const Var> outputs, std::span<const Var> seeds,
                            std::span<const Var> x);

/// d output / d x for a tensor x, with its shape and element type; zeros where nothing flows.
Tensor derivative(const Var& output, const Tensor& x);
std::vector<Tensor> derivative(const Var& output, std::span<const Tensor> x);
/// The same with respect to a braced list of nodes of one kind: derivative(z, {x, y}). A list of
/// one node gives a vector of one element.
inline std::vector<Var> derivative(const Var& output, std::initializer_list<Var> x) {
  return derivative(output, std::span<const Var>(x.begin(), x.size()));
}
inline std::vector<Tensor> derivative(const Var& output, std::initializer_list<Tensor> x) {
  return derivative(output, std::span<const Tensor>(x.begin(), x.size()));
}
/// Makes a list that mixes Vars and Tensors an error: without it the Tensors would convert to Vars.
void derivative(const Var& output, std::initializer_list<detail::VarOrTensor> x) = delete;
/// The same for a tensor output of one element (ShapeError if it has more).
Tensor derivative(const Tensor& output, const Tensor& x);
Var derivative(const Tensor& output, const Var& x);

namespace detail {
/// The variable that Gradient::find() would find. Throws GraphError if there is none.
Tensor variable_of(VariableKey key, const Var& output);
Tensor variable_of(VariableKey key, const Tensor& output);
}  // namespace detail

/// The same for the variable that x was when the output was computed; chosen as in a Gradient.
template <Keyed X>
Tensor derivative(const Var& output, const X& x) {
  if (output.is_constant()) return Array::filled(x.value().dtype(), x.value().shape(), 0.0);
  return derivative(output, detail::variable_of(x.key(), output));
}
template <Keyed X>
Tensor derivative(const Tensor& output, const X& x) {
  if (output.is_constant()) return Array::filled(x.value().dtype(), x.value().shape(), 0.0);
  return derivative(output, detail::variable_of(x.key(), output));
}
/// The derivatives of the sum over all elements of the outputs times their seeds, which may be
/// nodes.
std::vector<Tensor> derivative(std::span<const Tensor> outputs, std::span<const Tensor> seeds,
                               std::span<const Tensor> x);

/// A function's value and its gradient.
struct ValueAndGradient {
  double value = 0.0;
  std::vector<double> gradient;
};

/// Returns the memory that ended graphs and gradients of this thread left for reuse to the system.
/// Memory in use stays.
void release_memory() noexcept;

namespace detail {

/// A point to differentiate at: a vector, array, span or Eigen vector of doubles.
template <class T>
concept Point = requires(const T& x) {
  { x.data() } -> std::convertible_to<const double*>;
  { x.size() } -> std::convertible_to<std::size_t>;
};

std::vector<Var> variables(std::span<const double> x);
/// Sweeps from `output` and collects the derivatives of the first gradient.size() nodes of the
/// graph.
void gradient_of_variables(const Graph& graph, const Var& output, std::span<double> gradient);

}  // namespace detail

/// The value of f at x0 and its gradient there, computed in a graph of its own. `f` takes
/// std::span<const Var> and returns a Var; the gradient of a constant result is 0. Cost: recording
/// f, and one sweep.
template <class F, detail::Point X>
ValueAndGradient value_and_gradient(F&& f, const X& x0) {
  Graph graph;
  const std::span<const double> point(x0.data(), static_cast<std::size_t>(x0.size()));
  const std::vector<Var> x = detail::variables(point);
  const Var output = f(std::span<const Var>(x));
  ValueAndGradient result{output.value(), std::vector<double>(point.size())};
  detail::gradient_of_variables(graph, output, result.gradient);
  return result;
}
/// The same at a point in braces: value_and_gradient(f, {1.0, 2.0}).
template <class F>
ValueAndGradient value_and_gradient(F&& f, std::initializer_list<double> x0) {
  return value_and_gradient(f, std::span<const double>(x0.begin(), x0.size()));
}

}  // namespace chainrule

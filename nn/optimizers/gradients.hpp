// Gradients: the derivatives with respect to a list of parameters, to clip, add and step with.
#pragma once

#include <limits>
#include <vector>

#include "autodiff/values/pool.hpp"
#include "nn/model/parameter.hpp"

namespace chainrule::nn {

/// The derivatives with respect to each of a list of parameters. A value, independent of the graph
/// that it came from. Copies share memory until they change.
class Gradients {
 public:
  /// Throws GraphError if no trainable parameter was used in the gradient's graph.
  Gradients(Parameters parameters, const Gradient& gradient);

  const Parameters& parameters() const { return parameters_; }
  std::size_t size() const { return arrays_.size(); }
  /// The derivative by position in the list; a null array if nothing flows from the parameter.
  const Array& operator[](std::size_t i) const { return arrays_[i]; }
  /// The derivative by parameter; zeros if nothing flows from it. Throws DomainError if the
  /// parameter is not in the list. Cost: a search of the list and a copy.
  Tensor operator[](const Parameter& parameter) const;

  /// The 2-norm of all derivatives as one vector.
  double norm() const;
  /// Adds the gradients of another batch. The lists must match in number and shapes (ShapeError)
  /// and element types (DTypeError). They need not be the same parameters: the gradients of a
  /// clone() can be added to those of the original.
  Gradients& operator+=(const Gradients& other);
  friend Gradients operator+(Gradients x, const Gradients& y) { return std::move(x += y); }
  Gradients& operator*=(double factor);
  friend Gradients operator*(Gradients x, double factor) { return std::move(x *= factor); }
  /// Clamps each element to [-limit, limit].
  Gradients& clamp(double limit);

 private:
  template <class F>
  void change(F f);

  Parameters parameters_;
  std::vector<Array, PoolAllocator<Array>> arrays_;
};

/// Multiplies all gradients by min(1, max_norm / (norm() + 1e-6)). If `norm` is given, stores the
/// norm before clipping there, which may be infinite for elements near the end of the range. Throws
/// DomainError unless max_norm > 0, and for elements that are not finite, naming the parameter.
/// Pascanu et al. 2013, section 3.2.
Gradients clip_grad_norm(Gradients gradients, double max_norm, double* norm = nullptr);
/// Clamps each element to [-limit, limit]. Throws DomainError unless limit > 0.
Gradients clip_grad_value(Gradients gradients, double limit);

}  // namespace chainrule::nn

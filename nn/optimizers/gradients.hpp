// Gradients: what one gradient says of a list of parameters, to clip, to add and to step with.
#pragma once

#include <limits>
#include <vector>

#include "autodiff/values/pool.hpp"
#include "nn/model/parameter.hpp"

namespace chainrule::nn {

/// The derivatives with respect to each of a list of parameters: a value, free of the graph it came
/// from. Copies share the numbers.
class Gradients {
 public:
  /// Throws GraphError if no parameter that is trained was used in the gradient's graph.
  Gradients(Parameters parameters, const Gradient& gradient);

  const Parameters& parameters() const { return parameters_; }
  std::size_t size() const { return arrays_.size(); }
  /// By place in the list; no array for a parameter that nothing flows from.
  const Array& operator[](std::size_t i) const { return arrays_[i]; }
  /// By parameter; zeros where nothing flows. Throws DomainError for one that is not in the list.
  Tensor operator[](const Parameter& parameter) const;

  /// The 2-norm of all together.
  double norm() const;
  /// Adds those of another batch. The lists must match in number, shapes and element types
  /// (ShapeError, DTypeError), not in identity: a clone()'s gradients can be added to the
  /// original's.
  Gradients& operator+=(const Gradients& other);
  friend Gradients operator+(Gradients x, const Gradients& y) { return std::move(x += y); }
  Gradients& operator*=(double factor);
  friend Gradients operator*(Gradients x, double factor) { return std::move(x *= factor); }
  /// Each element moved into [-limit, limit].
  Gradients& clamp(double limit);

 private:
  template <class F>
  void change(F f);

  Parameters parameters_;
  std::vector<Array, PoolAllocator<Array>> arrays_;
};

/// All times min(1, max_norm / (norm + 1e-6)), where norm is that of all together; it is stored in
/// `norm` if that is given. Throws DomainError unless max_norm > 0. Pascanu et al. 2013,
/// section 3.2.
Gradients clip_grad_norm(Gradients gradients, double max_norm, double* norm = nullptr);
/// Each element moved into [-limit, limit]. Throws DomainError unless limit > 0.
Gradients clip_grad_value(Gradients gradients, double limit);

}  // namespace chainrule::nn

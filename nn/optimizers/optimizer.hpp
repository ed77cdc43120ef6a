// Optimizer: what all optimisers have in common, for training loops and checkpoints.
#pragma once

#include <functional>
#include <utility>

#include "nn/model/module.hpp"
#include "nn/optimizers/gradients.hpp"

namespace chainrule::nn {

/// Changes parameters so that a loss falls. Most optimisers are a GradientOptimizer, whose step
/// takes one gradient; Lbfgs evaluates the loss at several points in a step.
class Optimizer : public detail::CommonMistakes {
 public:
  /// A loss and its gradients at the present values of the parameters.
  struct Slope {
    double loss;
    Gradients gradients;
  };
  /// Evaluates both. If `is_trial`, the values of the parameters are an attempt from which the
  /// optimiser returns if the result is not finite.
  using Evaluate = std::function<Slope(bool is_trial)>;

  virtual ~Optimizer() = default;

  /// One step with a function that evaluates the loss, as train() makes it. If it throws,
  /// parameters and optimiser are as before.
  virtual void step_by(const Evaluate& evaluate) = 0;
  /// Whether step_by() evaluates the loss at several points, which must then be the same function
  /// of the parameters: of the same rows.
  virtual bool searches() const = 0;

  /// The derivatives with respect to all parameters, to clip them:
  /// step(clip_grad_norm(gradients(d), 1.0)).
  Gradients gradients(const Gradient& gradient) const { return {parameters_, gradient}; }
  /// The parameters of all groups. If an earlier group has a parameter of the same name, the later
  /// one is called group.N.name here and in the state, where N is its group.
  const Parameters& parameters() const { return parameters_; }
  virtual std::size_t group_count() const = 0;
  /// Throws ShapeError if there is no such group.
  double learning_rate(std::size_t group = 0) const;
  /// Sets the rate of all groups, or of one. Throws DomainError for a rate that is negative or not
  /// finite (0 neither for Lbfgs), ShapeError if there is no such group.
  void set_learning_rate(double rate);
  void set_learning_rate(double rate, std::size_t group);
  /// Multiplies the rates of all groups.
  void scale_learning_rate(double factor);

  /// Everything that is needed to continue: options, step counts, and the buffers of each parameter
  /// by its path.
  virtual State state() const = 0;
  /// Restores a state. Throws FormatError unless it is the state of an optimiser of this kind for
  /// parameters of these names, shapes and element types, with values that the optimiser can have,
  /// and DomainError for an option out of its range. Then nothing is changed.
  virtual void set_state(const State& state) = 0;

  /// The name of the optimiser, such as "Sgd".
  virtual const char* name() const = 0;

 protected:
  explicit Optimizer(Parameters parameters = {}) : parameters_(std::move(parameters)) {}
  Optimizer(const Optimizer&) = default;
  Optimizer& operator=(const Optimizer&) = default;
  Optimizer(Optimizer&&) = default;
  Optimizer& operator=(Optimizer&&) = default;

  Parameters parameters_;

 private:
  virtual double& rate(std::size_t group) = 0;
  virtual void check_rate(double rate) const;
  void check_group(std::size_t group) const;
};

namespace detail {
/// Throws DomainError, which names the option, unless `holds`.
void check_option(bool holds, const char* optimizer, const char* option, double value,
                  const char* range);
/// The same for options in [0, infinity) and in [0, 1).
void check_not_negative(const char* optimizer, const char* option, double value);
void check_fraction(const char* optimizer, const char* option, double value);
/// Throws FormatError if the state says that it is of another kind of optimiser.
void check_optimizer(const State& state, const char* optimizer);
}  // namespace detail

}  // namespace chainrule::nn

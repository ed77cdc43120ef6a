// Activations as modules: one template over the rules of activations.
#pragma once

#include "nn/model/module.hpp"

namespace chainrule::nn {

namespace detail {
/// "leaky_relu" as "LeakyRelu".
std::string type_name(std::string_view name);
std::string describe_activation(const char* name, const double* parameter);
/// Throws DomainError, which names the activation, unless its parameter is finite.
double checked_parameter(const char* name, double parameter);

/// The default of the second operand of an activation that has two.
template <class Rule>
inline constexpr double default_parameter = 1.0;
template <>
inline constexpr double default_parameter<chainrule::rules::LeakyRelu> = 0.01;
template <>
inline constexpr double default_parameter<chainrule::rules::Softshrink> = 0.5;
template <>
inline constexpr double default_parameter<chainrule::rules::Hardshrink> = 0.5;
}  // namespace detail

/// An elementwise function of one operand, as a module.
template <class Rule>
class Activation : public Module {
  static_assert(Rule::arity == 1);

 public:
  Tensor forward(const Tensor& x) const override { return apply<Rule>(x); }
  std::string describe() const override {
    return detail::describe_activation(Rule::notation.name, nullptr);
  }
};

/// An elementwise function with a constant parameter, as a module.
template <class Rule>
  requires(Rule::arity == 2)
class Activation<Rule> : public Module {
 public:
  /// Throws DomainError unless the parameter is finite.
  explicit Activation(double parameter = detail::default_parameter<Rule>)
      : parameter_(detail::checked_parameter(Rule::notation.name, parameter)) {}
  Tensor forward(const Tensor& x) const override { return apply<Rule>(x, parameter_); }
  std::string describe() const override {
    return detail::describe_activation(Rule::notation.name, &parameter_);
  }

 private:
  double parameter_;
};

using Sigmoid = Activation<chainrule::rules::Sigmoid>;
using Softplus = Activation<chainrule::rules::Softplus>;
using Logsigmoid = Activation<chainrule::rules::Logsigmoid>;
using Logit = Activation<chainrule::rules::Logit>;
using Tanh = Activation<chainrule::rules::Tanh>;
using Relu = Activation<chainrule::rules::Relu>;
using Relu6 = Activation<chainrule::rules::Relu6>;
using LeakyRelu = Activation<chainrule::rules::LeakyRelu>;  ///< LeakyRelu(slope = 0.01)
using Elu = Activation<chainrule::rules::Elu>;              ///< Elu(alpha = 1)
using Celu = Activation<chainrule::rules::Celu>;            ///< Celu(alpha = 1)
using Selu = Activation<chainrule::rules::Selu>;
using Gelu = Activation<chainrule::rules::Gelu>;
using GeluTanh = Activation<chainrule::rules::GeluTanh>;
using Silu = Activation<chainrule::rules::Silu>;
using Mish = Activation<chainrule::rules::Mish>;
using Softsign = Activation<chainrule::rules::Softsign>;
using Tanhshrink = Activation<chainrule::rules::Tanhshrink>;
using Hardtanh = Activation<chainrule::rules::Hardtanh>;
using Hardsigmoid = Activation<chainrule::rules::Hardsigmoid>;
using Hardswish = Activation<chainrule::rules::Hardswish>;
using Softshrink = Activation<chainrule::rules::Softshrink>;  ///< Softshrink(lambda = 0.5)
using Hardshrink = Activation<chainrule::rules::Hardshrink>;  ///< Hardshrink(lambda = 0.5)

/// softmax(x, axis): exp(x) divided by its sum along the axis.
class Softmax : public Module {
 public:
  explicit Softmax(std::int64_t axis = -1) : axis_(axis) {}
  Tensor forward(const Tensor& x) const override;
  std::string describe() const override;

 private:
  std::int64_t axis_;
};

/// log_softmax(x, axis): the logarithm of softmax, accurate at any magnitude.
class LogSoftmax : public Module {
 public:
  explicit LogSoftmax(std::int64_t axis = -1) : axis_(axis) {}
  Tensor forward(const Tensor& x) const override;
  std::string describe() const override;

 private:
  std::int64_t axis_;
};

}  // namespace chainrule::nn

// GradientOptimizer: the base class of all optimisers whose step takes one gradient.
#pragma once

#include <array>
#include <utility>
#include <vector>

#include "nn/optimizers/optimizer.hpp"

namespace chainrule::nn {

/// Updates parameters by their gradients:
///
///   nn::Sgd optimizer(model.parameters(), {.learning_rate = 0.5});
///   optimizer.step(gradient(loss));
///
/// A gradient is a value, so there is nothing to reset between steps. If nothing flows from a
/// parameter, neither the parameter nor its part of the state changes. Steps after the first take
/// all memory from the pool of arrays.
class GradientOptimizer : public Optimizer {
 public:
  /// One step. Throws GraphError if no trainable parameter was used in the gradient's graph, and
  /// DTypeError if a parameter was converted after the first step. Then nothing is changed.
  void step(const Gradient& gradient);
  /// One step with gradients that were clipped or added. They are matched by position, so those of
  /// a clone() can be used. Also throws ShapeError if number or shapes do not match.
  void step(const Gradients& gradients);
  /// The same for gradients that are not used afterwards, as in step(gradient(loss)). Writes new
  /// values into the memory of the gradients if it is not shared, which saves memory traffic.
  void step(Gradient&& gradient);
  void step(Gradients&& gradients);
  CHAINRULE_MISTAKE("write step(gradient(loss))") void step();
  void step_by(const Evaluate& evaluate) final;
  bool searches() const final { return false; }

  State state() const final;
  void set_state(const State& state) final;

 protected:
  static constexpr std::size_t max_buffers = 3;
  /// The names of the buffers that a group's options need; nullptr for a buffer that is not used.
  using BufferNames = std::array<const char*, max_buffers>;
  /// A parameter with its part of the state.
  struct Slot {
    Parameter parameter;
    std::size_t group = 0;
    std::int64_t step = 0;                   ///< counts from 1 within update()
    std::array<Array, max_buffers> buffers;  ///< null before their first use
  };

  GradientOptimizer() = default;
  /// Throws DomainError if the optimiser has a parameter already.
  void add(const Parameters& parameters, std::size_t group);

  /// beta^t. The last result is cached, since it is the same for all parameters of a step.
  double power(std::size_t which, double beta, std::int64_t t) {
    Power& last = powers_[which];
    if (last.beta != beta || last.t != t) [[unlikely]]
      last = make_power(beta, t);
    return last.value;
  }

 private:
  struct Power {
    double beta = 0.0;
    std::int64_t t = -1;
    double value = 0.0;
  };
  static Power make_power(double beta, std::int64_t t);

  /// Updates a parameter. The gradient is in row-major order and has the parameter's shape and
  /// element type; its memory may be taken over.
  virtual void update(Slot& slot, Array& gradient) = 0;
  virtual BufferNames buffer_names(std::size_t group) const = 0;
  /// Name and value of every option, in the order in which set_options() takes the values.
  virtual std::vector<std::pair<const char*, double>> options_of(std::size_t group) const = 0;
  virtual void set_options(std::size_t group, const std::vector<double>& values) = 0;
  virtual void check_options(const std::vector<double>& values) const = 0;

  template <class ArrayOf>
  void collect(ArrayOf array_of);
  void collect(const Gradient& gradient);
  void collect(const Gradients& gradients);
  void update_all();
  void check_step(std::size_t i, const Array& gradient) const;

  std::vector<Slot> slots_;
  std::vector<Array> pending_;  // the gradients of the current step
  std::array<Power, 2> powers_;
};

/// Parameters with their own options.
template <class Options>
struct ParameterGroup {
  Parameters parameters;
  Options options = {};
};

/// An optimiser with options per group. They are a struct with learning_rate, check(), buffers()
/// and visit(options, f), which calls f(name, value) for each option.
template <class Given>
class OptimizerWith : public GradientOptimizer {
 public:
  using Options = Given;
  using Group = ParameterGroup<Options>;

  /// Throws DomainError for an option out of its range.
  explicit OptimizerWith(const Parameters& parameters, const Options& options = {}) {
    add_group(parameters, options);
  }
  /// With several groups of parameters, each with its own options.
  explicit OptimizerWith(const std::vector<Group>& groups) {
    for (const Group& group : groups) add_group(group.parameters, group.options);
  }
  template <detail::MistakenOptions Mistaken = detail::PyTorchOptions>
  OptimizerWith(const Parameters&, const Mistaken&) = delete;  // write {.learning_rate = 0.1}

  void add_group(const Parameters& parameters, const Options& options) {
    options.check();
    add(parameters, options_.size());
    options_.push_back(options);
  }
  std::size_t group_count() const final { return options_.size(); }
  const Options& options(std::size_t group = 0) const { return options_.at(group); }
  const char* name() const final { return Options::name; }

 protected:
  const Options& options_for(const Slot& slot) const { return options_[slot.group]; }

 private:
  BufferNames buffer_names(std::size_t group) const final { return options_[group].buffers(); }
  double& rate(std::size_t group) final { return options_[group].learning_rate; }
  std::vector<std::pair<const char*, double>> options_of(std::size_t group) const final {
    std::vector<std::pair<const char*, double>> list;
    Options::visit(options_[group], [&](const char* name, const auto& value) {
      list.emplace_back(name, static_cast<double>(value));
    });
    return list;
  }
  static Options options_with(const std::vector<double>& values) {
    Options options;
    std::size_t i = 0;
    Options::visit(options, [&](const char*, auto& value) {
      using Member = std::remove_reference_t<decltype(value)>;
      if constexpr (std::is_same_v<Member, bool>)
        value = values[i++] != 0.0;
      else
        value = static_cast<Member>(values[i++]);
    });
    return options;
  }
  void set_options(std::size_t group, const std::vector<double>& values) final {
    options_[group] = options_with(values);
  }
  void check_options(const std::vector<double>& values) const final {
    options_with(values).check();
  }

  std::vector<Options> options_;
};

}  // namespace chainrule::nn

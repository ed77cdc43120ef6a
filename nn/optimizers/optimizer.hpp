// Optimizer: what every rule of descent has in common.
#pragma once

#include <array>
#include <utility>
#include <vector>

#include "nn/model/module.hpp"
#include "nn/optimizers/gradients.hpp"

namespace chainrule::nn {

/// Moves parameters against their gradients:
///
///   nn::Sgd optimizer(model.parameters(), {.learning_rate = 0.5});
///   optimizer.step(gradient(loss));
///
/// A gradient is a value, so nothing has to be set to zero. A parameter that nothing flows from
/// stays as it is, and so does its part of the state. Steps after the first allocate nothing beyond
/// what the pool of arrays holds.
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  /// One step. Throws GraphError if no parameter that is trained was used in the gradient's graph,
  /// DTypeError if a parameter was converted after the first step; nothing is changed then.
  void step(const Gradient& gradient);
  /// The same with gradients that were clipped or added up. They match by place, so those of a
  /// clone() will do. Throws ShapeError, too.
  void step(const Gradients& gradients);
  /// The same with gradients that nobody asks after the step, step(gradient(loss)) being one: the
  /// new numbers are written into their memory, which is read anyway, where nobody else sees it.
  void step(Gradient&& gradient);
  void step(Gradients&& gradients);
  /// What a gradient says of the parameters, to clip it: step(clip_grad_norm(gradients(d), 1.0)).
  Gradients gradients(const Gradient& gradient) const { return {parameters_, gradient}; }

  /// All parameters, of every group. One whose name another has in an earlier group is named
  /// group.N.name here and in the state, N being its group.
  const Parameters& parameters() const { return parameters_; }
  virtual std::size_t group_count() const = 0;
  /// Throws ShapeError if there is no such group.
  double learning_rate(std::size_t group = 0) const;
  /// In every group, or in one. Throws DomainError for a rate that is negative or not finite.
  void set_learning_rate(double rate);
  void set_learning_rate(double rate, std::size_t group);
  /// Multiplies it in every group, which keeps their proportions.
  void scale_learning_rate(double factor);

  /// All there is to continue with: options, steps, and the buffers of each parameter by its path.
  State state() const;
  /// Takes it over. Throws FormatError, and changes nothing, unless it is the state of an optimiser
  /// of this kind for parameters of these names, shapes and element types; DomainError for an
  /// option that cannot be.
  void set_state(const State& state);

  /// "Sgd".
  virtual const char* name() const = 0;

 protected:
  static constexpr std::size_t most_buffers = 3;
  /// The names of the buffers that a group's options need, each at its place.
  using BufferNames = std::array<const char*, most_buffers>;
  /// A parameter and what is kept about it.
  struct Slot {
    Parameter parameter;
    std::size_t group = 0;
    std::int64_t step = 0;                    ///< counts from 1 within update()
    std::array<Array, most_buffers> buffers;  ///< none before they are needed
  };

  Optimizer() = default;
  Optimizer(const Optimizer&) = default;
  Optimizer& operator=(const Optimizer&) = default;
  /// Throws DomainError if a parameter is in the optimiser already.
  void add(const Parameters& parameters, std::size_t group);

  /// beta^t, remembered, since all parameters ask for the same.
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

  /// Moves a parameter; the gradient is in row-major order and of its shape and type, and may be
  /// given away.
  virtual void update(Slot& slot, Array& gradient) = 0;
  virtual BufferNames buffer_names(std::size_t group) const = 0;
  virtual double& rate(std::size_t group) = 0;
  /// Name and value of every option; set_options() takes them, in this order.
  virtual std::vector<std::pair<const char*, double>> options_of(std::size_t group) const = 0;
  virtual void set_options(std::size_t group, const std::vector<double>& values) = 0;
  virtual void check_options(std::size_t group, const std::vector<double>& values) const = 0;

  template <class ArrayOf>
  void collect(ArrayOf array_of);
  void collect(const Gradient& gradient);
  void collect(const Gradients& gradients);
  void update_all();
  void check_step(std::size_t i, const Array& gradient) const;
  void check_group(std::size_t group) const;

  Parameters parameters_;
  std::vector<Slot> slots_;
  std::vector<Array> pending_;  // the gradients of the step under way
  std::array<Power, 2> powers_;
};

/// Parameters that share options of their own.
template <class Options>
struct ParameterGroup {
  Parameters parameters;
  Options options = {};
};

namespace detail {
/// Throws DomainError, naming the option, unless it holds.
void check_option(bool holds, const char* optimizer, const char* option, double value,
                  const char* range);
/// The options that several rules share: within [0, infinity), within [0, 1).
void check_not_negative(const char* optimizer, const char* option, double value);
void check_fraction(const char* optimizer, const char* option, double value);
}  // namespace detail

/// An optimiser with options, which are a struct that has learning_rate, check() and
/// visit(options, f): f(name, number) for each of them.
template <class Given>
class OptimizerWith : public Optimizer {
 public:
  using Options = Given;
  using Group = ParameterGroup<Options>;

  /// Throws DomainError, naming the option, for one out of its range.
  explicit OptimizerWith(const Parameters& parameters, const Options& options = {}) {
    add_group(parameters, options);
  }
  /// Groups of parameters with options of their own.
  explicit OptimizerWith(const std::vector<Group>& groups) {
    for (const Group& group : groups) add_group(group.parameters, group.options);
  }

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
  Options options_with(std::size_t group, const std::vector<double>& values) const {
    Options options = options_[group];
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
    options_[group] = options_with(group, values);
  }
  void check_options(std::size_t group, const std::vector<double>& values) const final {
    options_with(group, values).check();
  }

  std::vector<Options> options_;
};

}  // namespace chainrule::nn

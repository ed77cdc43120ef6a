// Modules: the building blocks of networks, and visitors of their members.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autodiff/core/random.hpp"
#include "nn/model/parameter.hpp"
#include "nn/model/state.hpp"

namespace chainrule::nn {

class Members;

/// A network or a part of one: a function of a tensor with parameters. To write your own, derive a
/// struct with modules and parameters as members, override forward(), and name the members:
///
///   struct Mlp : nn::Module {
///     nn::Linear hidden{2, 16}, output{16, 2};
///     nn::Parameter scale{ones({2})};
///     Tensor forward(const Tensor& x) const override { return output(tanh(hidden(x))) * scale(); }
///     void members(nn::Members& m) override {
///       m("hidden", hidden)("output", output)("scale", scale);
///     }
///   };
///
/// Modules are values. A copy shares the parameters and buffers of the original, which are handles,
/// and has its own mode and random streams. clone() makes a copy that shares nothing.
class Module : public detail::CommonMistakes {
 public:
  Module() = default;
  virtual ~Module() = default;

  /// Computes forward(x). If a graph is active, the call is recorded in a scope named by
  /// describe(), which pictures show as a cluster.
  ///
  /// Const models can be called: a call changes neither the parts of a model nor its mode nor its
  /// parameters. In training mode it may update running statistics and random streams. Not thread
  /// safe, const or not: give each thread a clone() of its own.
  Tensor operator()(const Tensor& x) const;

  /// The computation of the module, called by operator(). A module that is not a function of one
  /// tensor does not override it and has another function instead; the default throws ShapeError.
  virtual Tensor forward(const Tensor& x) const;
  /// Passes each member with its name to a visitor. Lists and files keep this order.
  virtual void members(Members& visitor);
  /// A description for people, such as "Linear(2, 16)". By default the name of the type.
  virtual std::string describe() const;

  /// Every parameter with its path, in the order of members(). A tied parameter is listed once,
  /// where it first appears. Cost: visits all members and builds their names, so keep the list.
  Parameters parameters() const;
  std::vector<NamedBuffer> buffers() const;
  /// The number of elements in all parameters, and in the trainable ones.
  std::int64_t count() const { return parameters().count(); }
  std::int64_t trainable_count() const;

  /// Sets training mode, which is the initial mode, or evaluation mode. Dropout and batch
  /// normalisation behave differently in the two modes.
  void train(bool is_training = true);
  void eval() { train(false); }
  /// Makes every parameter constant (not trainable), or trainable again.
  void freeze() { set_trainable(false); }
  void unfreeze() { set_trainable(true); }

  /// Converts every parameter and buffer. Create optimisers after this call: existing ones keep
  /// buffers of the old element type, and their next step throws DTypeError.
  void to(DType dtype);

  /// Names the parameters' nodes in the current graph by their paths, for pictures.
  void name_nodes() const;

  /// The values of all parameters and buffers by path, and the states of the random streams. Throws
  /// DomainError if two members have the same name.
  State state() const;
  /// Restores a state. Throws FormatError, and changes nothing, unless names, shapes and element
  /// types are those of the module; the message lists everything that is missing, unexpected or
  /// different. A state without texts leaves the random streams unchanged.
  void set_state(const State& state);

  /// A table of all layers with the shapes of their outputs for this input and the numbers of their
  /// parameters. Runs the model once in evaluation mode, without recording.
  std::string summary(const Tensor& input) const;

 protected:
  Module(const Module&) = default;
  Module& operator=(const Module&) = default;
  Module(Module&&) = default;
  Module& operator=(Module&&) = default;

 private:
  void set_trainable(bool is_trainable);

  mutable std::optional<ScopeName> scope_;  // set at the first call
};

/// A visitor of members. m(name, member) takes parameters, buffers, modules, random streams and
/// vectors of modules. m.mode(flag) takes the bool that is true in training mode.
class Members {
 public:
  virtual ~Members() = default;

  Members& operator()(std::string_view name, Parameter& parameter);
  Members& operator()(std::string_view name, Buffer& buffer);
  Members& operator()(std::string_view name, Random& random);
  Members& operator()(std::string_view name, Module& module);
  /// Named "name.0", "name.1", ...
  template <class M>
  requires std::derived_from<M, Module> Members& operator()(std::string_view name,
                                                            std::vector<M>& modules) {
    for (std::size_t i = 0; i < modules.size(); ++i)
      (*this)(std::string(name) + "." + std::to_string(i), modules[i]);
    return *this;
  }
  /// Modules declare the flag `mutable`, so that const models can be evaluated.
  Members& mode(bool& is_training) {
    on_mode(is_training);
    return *this;
  }

 protected:
  /// The path of the current member.
  const std::string& path() const { return path_; }

 private:
  virtual void on_parameter(Parameter&) {}
  virtual void on_buffer(Buffer&) {}
  virtual void on_random(Random&) {}
  virtual void on_mode(bool&) {}
  /// Called before the module's own members. Returns whether to visit those.
  virtual bool on_module(Module&) { return true; }

  template <class F>
  Members& at(std::string_view name, F&& f);

  std::string path_;
};

namespace detail {
void separate(Module& module);
}  // namespace detail

/// A copy with its own parameters, buffers and random streams, which have equal values. Parameters
/// that are tied in the original are tied in the copy.
template <std::derived_from<Module> M>
M clone(const M& module) {
  M copy(module);
  detail::separate(copy);
  return copy;
}

}  // namespace chainrule::nn

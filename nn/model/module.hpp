// Modules: what networks are put together from, and how they say what they are made of.
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

namespace chainrule::nn {

class Members;
struct State;

/// A part of a network, or a whole one: a function of a tensor with parameters. One's own is a
/// struct with modules and parameters as members, what it computes, and one line that names them:
///
///   struct Mlp : nn::Module {
///     nn::Linear hidden{2, 16}, output{16, 2};
///     nn::Parameter scale{ones({2})};
///     Tensor forward(const Tensor& x) const override { return output(tanh(hidden(x))) * scale(); }
///     void members(nn::Members& m) override { m("hidden", hidden)("output", output)("scale",
///     scale); }
///   };
///
/// Modules are values. A copy shares the parameters and buffers of the original (both are handles)
/// and has a mode and random streams of its own; clone() shares nothing.
class Module {
 public:
  Module() = default;
  virtual ~Module() = default;

  /// Computes forward(x). If a graph is alive, it is recorded in a scope that is named by
  /// describe(), so that pictures show it as a cluster.
  ///
  /// A const model can be called: a call never changes which parts a model has, its mode or its
  /// parameters. It may change what a layer keeps for its next call while training: running
  /// statistics and random streams. So calls of one model must not overlap in time, const or not;
  /// a thread of its own takes a clone().
  Tensor operator()(const Tensor& x) const;

  /// What the module computes; called by operator(). A module that is not a function of one tensor
  /// does not override it (then it throws ShapeError) and has a function of its own.
  virtual Tensor forward(const Tensor& x) const;
  /// Names the members to a visitor, in the order that lists and files shall have.
  virtual void members(Members& visitor);
  /// What it is, for people: "Linear(2, 16)". The name of its type unless it says otherwise.
  virtual std::string describe() const;

  /// Every parameter, by its path in the order of members(); one that is met twice stands where it
  /// was met first. Cost: a walk and the texts, so ask once and keep the list.
  Parameters parameters() const;
  std::vector<NamedBuffer> buffers() const;
  /// The numbers in all parameters together; in those that are trained.
  std::int64_t count() const { return parameters().count(); }
  std::int64_t trainable_count() const;

  /// The mode: dropout and batch normalisation act otherwise while training (which is the mode that
  /// modules are made in) than in use.
  void train(bool is_training = true);
  void eval() { train(false); }
  /// Takes every parameter out of training, and into it again.
  void freeze() { set_trainable(false); }
  void unfreeze() { set_trainable(true); }

  /// Converts every parameter and buffer. An optimiser made before keeps what it has of the old
  /// type, so make it anew.
  void to(DType dtype);

  /// Gives the parameters' nodes in the present graph their paths as names, for pictures.
  void name_nodes() const;

  /// All parameters and buffers by path, and the states of random streams.
  State state() const;
  /// Takes them over. Throws FormatError, and changes nothing, unless names, shapes and element
  /// types are those of the module; names everything that is missing, unexpected or of another
  /// shape. A state without texts leaves the random streams as they are.
  void set_state(const State& state);

  /// A table of the layers that ran for this input, what came out of them and their parameters.
  /// Runs the model once outside of training, without recording.
  std::string summary(const Tensor& input) const;

 protected:
  Module(const Module&) = default;
  Module& operator=(const Module&) = default;
  Module(Module&&) = default;
  Module& operator=(Module&&) = default;

 private:
  void set_trainable(bool is_trainable);

  mutable std::optional<ScopeName> scope_;  // made at the first call
};

/// A visitor of members. m(name, member) takes parameters, buffers, modules, random streams and
/// vectors of modules; m.mode(flag) the bool that says whether it is training.
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
  /// The path of the member that is being visited.
  const std::string& path() const { return path_; }

 private:
  virtual void on_parameter(Parameter&) {}
  virtual void on_buffer(Buffer&) {}
  virtual void on_random(Random&) {}
  virtual void on_mode(bool&) {}
  /// Comes before the module's own members; whoever overrides it says whether to enter.
  virtual bool on_module(Module&) { return true; }

  template <class F>
  Members& at(std::string_view name, F&& f);

  std::string path_;
};

/// The numbers of a module or an optimiser by name, as they go into files.
struct State {
  std::map<std::string, Array, std::less<>> arrays;
  std::map<std::string, double, std::less<>> numbers;
  std::map<std::string, std::string, std::less<>> texts;
};

namespace detail {
void separate(Module& module);
/// Throws FormatError, naming all that is missing, unexpected or of another shape or element type
/// in `given`, where `wanted` has what there should be.
void check_state(const State& wanted, const State& given, std::string_view what);
}  // namespace detail

/// A copy with parameters, buffers and random streams of its own, which begin with equal numbers;
/// what is tied in the original is tied in the copy.
template <std::derived_from<Module> M>
M clone(const M& module) {
  M copy(module);
  detail::separate(copy);
  return copy;
}

}  // namespace chainrule::nn

// Sequential: a chain of modules.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "nn/model/module.hpp"

namespace chainrule::nn {

/// A function of one tensor as a module, without parameters.
template <class F>
class FunctionModule : public Module {
 public:
  explicit FunctionModule(F f) : f_(std::move(f)) {}
  Tensor forward(const Tensor& x) const override { return f_(x); }
  std::string describe() const override { return "Function"; }

 private:
  mutable F f_;  // may be a mutable lambda
};

/// A chain of modules: the output of each is the input of the next.
///
///   nn::Sequential model{nn::Linear(2, 2), nn::Sigmoid(), nn::Linear(2, 2)};
///
/// Takes modules of any type by value, further Sequentials among them, and plain functions of a
/// tensor. Parameters are named by position: "layers.0.weight".
class Sequential : public Module {
 public:
  Sequential() = default;
  template <class... M>
    requires(sizeof...(M) > 1 || (!std::is_same_v<std::decay_t<M>, Sequential> && ...))
  explicit Sequential(M&&... modules) {
    layers_.reserve(sizeof...(M));
    (add(std::forward<M>(modules)), ...);
  }

  /// Appends a module or a function of a tensor.
  template <class M>
  Sequential& add(M&& module) {
    using Given = std::decay_t<M>;
    using Kept = typename std::conditional_t<std::is_base_of_v<Module, Given>,
                                             std::type_identity<Given>, Wrapped<Given>>::type;
    layers_.emplace_back(std::make_unique<Kept>(std::forward<M>(module)));
    return *this;
  }

  std::size_t size() const { return layers_.size(); }
  /// Throws ShapeError if there is no such layer.
  Module& operator[](std::size_t i);
  const Module& operator[](std::size_t i) const;
  /// The layer by its own type: model.at<nn::Linear>(0).weight. Throws DomainError if it has
  /// another type, ShapeError if there is no such layer.
  template <class M>
  M& at(std::size_t i) {
    return const_cast<M&>(std::as_const(*this).template at<M>(i));
  }
  template <class M>
  const M& at(std::size_t i) const {
    const M* const layer = dynamic_cast<const M*>(&(*this)[i]);
    if (layer == nullptr) fail_type(i);
    return *layer;
  }

  Tensor forward(const Tensor& x) const override;
  void members(Members& visitor) override;
  std::string describe() const override { return "Sequential"; }

 private:
  template <class F>
  struct Wrapped {
    using type = FunctionModule<F>;
  };
  /// An owned module of any type, copied with it.
  class Layer {
   public:
    template <class M>
    explicit Layer(std::unique_ptr<M> module)
        : module_(std::move(module)), copy_([](const Module& other) -> std::unique_ptr<Module> {
            return std::make_unique<M>(static_cast<const M&>(other));
          }) {}
    Layer(const Layer& other) : module_(other.copy_(*other.module_)), copy_(other.copy_) {}
    Layer(Layer&&) noexcept = default;
    Layer& operator=(Layer other) noexcept {
      std::swap(module_, other.module_);
      std::swap(copy_, other.copy_);
      return *this;
    }
    ~Layer() = default;
    Module& operator*() const { return *module_; }

   private:
    std::unique_ptr<Module> module_;
    std::unique_ptr<Module> (*copy_)(const Module&);
  };
  [[noreturn]] void fail_type(std::size_t i) const;

  std::vector<Layer> layers_;
};

}  // namespace chainrule::nn

// Files of a small model of PyTorch, and loading them.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "nn/nn.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/tensor_file.hpp"

namespace chainrule::testing {

using Names = std::vector<std::string>;

/// The state_dict of torch.nn.Sequential(Linear(2, 3), ReLU(), Linear(3, 1)), under a prefix.
inline TensorFile torch_mlp(const std::string& prefix = "") {
  return TensorFile()
      .floats(prefix + "0.bias", "[3]", {0.5, -1, 0})
      .floats(prefix + "0.weight", "[3,2]", {1, 2, 3, 4, 5, -6})
      .floats(prefix + "2.bias", "[1]", {0.25})
      .floats(prefix + "2.weight", "[1,3]", {1, -1, 2});
}

inline nn::Sequential mlp() {
  Random random(4);
  return nn::Sequential{nn::Linear(2, 3, {.random = &random}), nn::Relu(),
                        nn::Linear(3, 1, {.random = &random})};
}

/// By hand: relu([1 + 4 + 0.5, 3 + 8 - 1, 5 - 12]) = [5.5, 10, 0]; 5.5 - 10 + 0.25 = -4.25.
inline void check_mlp(const nn::Module& model, DType dtype = DType::float64) {
  CHECK(to_vector(model(tensor({1, 2}, dtype))) == std::vector<double>{-4.25});
}

/// The error of loading, which must leave the model unchanged.
inline std::string refusal(const std::string& path, nn::Module& model,
                           const nn::LoadModelOptions& options = {}) {
  const nn::State before = model.state();
  std::string message = message_of<FormatError>([&] { nn::load_model(path, model, options); });
  const nn::State after = model.state();
  for (const auto& [name, array] : before.arrays)
    CHECK(array.is_same(after.arrays.find(name)->second));
  return message;
}

/// A Sequential in a Sequential, and a list named like the layers of one.
struct Block : nn::Module {
  nn::Sequential body{nn::Linear(2, 2), nn::Sequential{nn::Tanh(), nn::Linear(2, 2)}};
  std::vector<nn::Linear> layers{nn::Linear(2, 2), nn::Linear(2, 2)};  // as a ModuleList

  Tensor forward(const Tensor& x) const override { return layers[1](layers[0](body(x))); }
  void members(nn::Members& m) override { m("body", body)("layers", layers); }
};

/// An encoder and a decoder with one weight.
struct Tied : nn::Module {
  nn::Parameter weight{tensor({1, 2})};
  nn::Linear other{2, 1, {.bias = false}};
  nn::Parameter copy = weight, own{tensor({{0, 0}})};
  bool has_own_weight = false;  // then "other.weight" fits with and without "other."

  void members(nn::Members& m) override {
    if (has_own_weight) m("weight", own);
    m("encoder", weight)("other", other)("decoder", copy);
  }
};

}  // namespace chainrule::testing

// Linear, Bias and Embedding layers.
#pragma once

#include "nn/model/initializers.hpp"
#include "nn/model/module.hpp"

namespace chainrule::nn {

struct LinearOptions {
  bool bias = true;
  DType dtype = DType::float64;
  Initializer weight_init = {};  ///< by default U(-1/sqrt(in), 1/sqrt(in))
  Initializer bias_init = {};    ///< by default U(-1/sqrt(in), 1/sqrt(in))
  Random* random = nullptr;      ///< by default default_random(); used by the constructor only
};

/// y = x Wᵀ + b along the last axis: [..., in] -> [..., out], with W of shape [out, in] and b of
/// shape [out]. One node. The default initial values are those of PyTorch.
class Linear : public Module {
 public:
  /// Throws ShapeError unless both sizes are at least 1.
  Linear(std::int64_t in, std::int64_t out, const LinearOptions& options = {});

  Tensor forward(const Tensor& x) const override;
  void members(Members& m) override { m("weight", weight)("bias", bias); }
  std::string describe() const override;

  Parameter weight, bias;  ///< bias is null if the layer has none
};

/// y = x + b, with b of a shape that broadcasts.
class Bias : public Module {
 public:
  explicit Bias(const Shape& shape, DType dtype = DType::float64);

  Tensor forward(const Tensor& x) const override { return x + bias(); }
  void members(Members& m) override { m("bias", bias); }
  std::string describe() const override;

  Parameter bias;
};

struct EmbeddingOptions {
  DType dtype = DType::float64;
  Initializer init = {};  ///< by default N(0, 1)
  Random* random = nullptr;
};

/// Looks up a row of the weight [count, size] for each index: indices [...] -> [..., size].
class Embedding : public Module {
 public:
  Embedding(std::int64_t count, std::int64_t size, const EmbeddingOptions& options = {});

  /// Throws ShapeError for an index that is not in [0, count).
  Tensor operator()(const Indices& indices) const;
  void members(Members& m) override { m("weight", weight); }
  std::string describe() const override;

  Parameter weight;
};

}  // namespace chainrule::nn

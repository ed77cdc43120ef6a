// Layers that multiply and add, and the one that looks up.
#pragma once

#include "nn/model/initializers.hpp"
#include "nn/model/module.hpp"

namespace chainrule::nn {

struct LinearOptions {
  bool bias = true;
  DType dtype = DType::float64;
  Initializer weight_init = {};  ///< U(-1/sqrt(in), 1/sqrt(in)) if none is given
  Initializer bias_init = {};    ///< the same, with `in` of the weight
  Random* random = nullptr;      ///< default_random() if none is given
};

/// y = x Wᵀ + b along the last axis: [..., in] -> [..., out], with W of shape [out, in] and b of
/// shape [out]. One node. The numbers begin in U(-1/sqrt(in), 1/sqrt(in)), as in PyTorch.
class Linear : public Module {
 public:
  /// Throws ShapeError unless both sizes are at least 1.
  Linear(std::int64_t in, std::int64_t out, const LinearOptions& options = {});

  Tensor forward(const Tensor& x) const override;
  void members(Members& m) override { m("weight", weight)("bias", bias); }
  std::string describe() const override;

  Parameter weight, bias;  // bias: none if it was not wanted
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
  Initializer init = {};  ///< N(0, 1) if none is given
  Random* random = nullptr;
};

/// A row of numbers for each index: indices of shape [...] -> [..., size]. weight: [count, size].
class Embedding : public Module {
 public:
  Embedding(std::int64_t count, std::int64_t size, const EmbeddingOptions& options = {});

  /// Throws ShapeError for an index that is not in 0 ... count - 1.
  Tensor operator()(const Indices& indices) const;
  void members(Members& m) override { m("weight", weight); }
  std::string describe() const override;

  Parameter weight;
};

}  // namespace chainrule::nn

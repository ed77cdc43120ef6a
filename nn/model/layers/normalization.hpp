// Layers that keep numbers centred and of unit variance.
#pragma once

#include "nn/model/module.hpp"

namespace chainrule::nn {

/// (x - mean) / sqrt(variance + eps) * weight + bias over the last axis, of the given size, with
/// the variance divided by n. Ba, Kiros and Hinton 2016, eq. 4. One node.
class LayerNorm : public Module {
 public:
  explicit LayerNorm(std::int64_t size, double eps = 1e-5, DType dtype = DType::float64);

  Tensor forward(const Tensor& x) const override;
  void members(Members& m) override { m("weight", weight)("bias", bias); }
  std::string describe() const override;

  Parameter weight, bias;

 private:
  double eps_;
};

struct BatchNormOptions {
  double eps = 1e-5;
  double momentum = 0.1;  ///< what a batch counts in the running statistics
  DType dtype = DType::float64;
};

/// The same over the rows of a batch, [n, channels], for each channel. While training with the
/// batch's mean and variance (divided by n), which also move the running statistics,
///   running = (1 - momentum) running + momentum (the batch's; the variance divided by n - 1);
/// in use with the running ones. Ioffe and Szegedy 2015, algorithm 1; as in PyTorch.
class BatchNorm : public Module {
 public:
  explicit BatchNorm(std::int64_t channels, const BatchNormOptions& options = {});

  /// Throws ShapeError unless x is [n, channels], with n >= 2 while training.
  Tensor forward(const Tensor& x) const override;
  void members(Members& m) override {
    m("weight", weight)("bias", bias)("running_mean", running_mean)("running_var", running_var)
        .mode(is_training_);
  }
  std::string describe() const override;

  Parameter weight, bias;
  Buffer running_mean, running_var;

 private:
  double eps_, momentum_;
  mutable bool is_training_ = true;
};

}  // namespace chainrule::nn

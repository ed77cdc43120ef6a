// Layer and batch normalisation.
#pragma once

#include "nn/model/module.hpp"

namespace chainrule::nn {

/// (x - mean) / sqrt(variance + eps) * weight + bias, with the mean and the biased variance
/// (divided by n) over the last axis, which has the given size. One node. Ba, Kiros and Hinton
/// 2016, eq. 4.
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
  double momentum = 0.1;  ///< weight of a batch in the running statistics, in [0, 1]
  DType dtype = DType::float64;
};

/// The same formula per channel, over the rows of a batch [n, channels]. In training mode it uses
/// the batch's mean and biased variance and updates the running statistics:
///   running = (1 - momentum) running + momentum batch,
/// where the batch's variance is divided by n - 1. In evaluation mode it uses the running
/// statistics. As in PyTorch; Ioffe and Szegedy 2015, algorithm 1.
class BatchNorm : public Module {
 public:
  explicit BatchNorm(std::int64_t channels, const BatchNormOptions& options = {});

  /// Throws ShapeError unless x is [n, channels], with n >= 2 in training mode.
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

// A multilayer perceptron and its training step, hand-coded with Eigen: what a careful programmer
// would write without an automatic-differentiation library. Every matrix is allocated once.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include <Eigen/Dense>

namespace chainrule::networks {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Row = Eigen::Matrix<float, 1, Eigen::Dynamic>;

/// Linear layers with relu between them, cross-entropy at the end, momentum SGD.
class EigenNetwork {
 public:
  EigenNetwork(const std::vector<int>& sizes, int batch, float rate, float momentum)
      : rate_(rate), momentum_(momentum) {
    std::mt19937 engine(7);
    for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
      const int in = sizes[i], out = sizes[i + 1];
      const float bound = 1.0f / std::sqrt(static_cast<float>(in));
      std::uniform_real_distribution<float> draw(-bound, bound);
      Layer layer;
      layer.weight = Matrix::NullaryExpr(out, in, [&] { return draw(engine); });
      layer.bias = Row::NullaryExpr(out, [&] { return draw(engine); });
      layer.weight_slope = layer.weight_speed = Matrix::Zero(out, in);
      layer.bias_slope = layer.bias_speed = Row::Zero(out);
      layer.output = layer.slope = Matrix::Zero(batch, out);
      layers_.push_back(layer);
    }
  }

  /// One step on a batch; returns the loss before it.
  float step(const Matrix& input, const std::vector<std::int64_t>& labels) {
    const Matrix* x = &input;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      Layer& layer = layers_[i];
      layer.output.noalias() = *x * layer.weight.transpose();
      layer.output.rowwise() += layer.bias;
      if (i + 1 < layers_.size()) layer.output = layer.output.cwiseMax(0.0f);
      x = &layer.output;
    }
    const float loss = softmax_slope(labels);
    for (std::size_t i = layers_.size(); i-- > 0;) {
      Layer& layer = layers_[i];
      const Matrix& before = i > 0 ? layers_[i - 1].output : input;
      layer.weight_slope.noalias() = layer.slope.transpose() * before;
      layer.bias_slope = layer.slope.colwise().sum();
      if (i > 0) {
        Layer& below = layers_[i - 1];
        below.slope.noalias() = layer.slope * layer.weight;
        below.slope.array() *= (below.output.array() > 0.0f).cast<float>();
      }
      layer.weight_speed = momentum_ * layer.weight_speed + layer.weight_slope;
      layer.weight -= rate_ * layer.weight_speed;
      layer.bias_speed = momentum_ * layer.bias_speed + layer.bias_slope;
      layer.bias -= rate_ * layer.bias_speed;
    }
    return loss;
  }

 private:
  struct Layer {
    Matrix weight, weight_slope, weight_speed;
    Row bias, bias_slope, bias_speed;
    Matrix output, slope;
  };

  /// Mean cross-entropy of the last layer's outputs, and its gradient with respect to them.
  float softmax_slope(const std::vector<std::int64_t>& labels) {
    Layer& last = layers_.back();
    const Eigen::Index rows = last.output.rows();
    const float scale = 1.0f / static_cast<float>(rows);
    float loss = 0.0f;
    for (Eigen::Index r = 0; r < rows; ++r) {
      const auto z = last.output.row(r);
      auto p = last.slope.row(r);
      const float high = z.maxCoeff();
      p = (z.array() - high).exp();
      const float sum = p.sum();
      const auto label = static_cast<Eigen::Index>(labels[static_cast<std::size_t>(r)]);
      loss += std::log(sum) + high - z(label);
      p *= scale / sum;
      p(label) -= scale;
    }
    return loss * scale;
  }

  std::vector<Layer> layers_;
  float rate_, momentum_;
};

}  // namespace chainrule::networks

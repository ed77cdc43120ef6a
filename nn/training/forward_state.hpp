// The state that a forward pass changes.
#pragma once

#include <vector>

#include "autodiff/core/random.hpp"
#include "nn/model/initializers.hpp"
#include "nn/model/module.hpp"

namespace chainrule::nn::detail {

/// Buffers, such as running statistics, and random streams of a model, which lives longer; and
/// default_random(), from which a loss may draw.
class ForwardState : Members {
 public:
  explicit ForwardState(Module& model) { model.members(*this); }
  void save() {
    for (std::size_t i = 0; i < buffers_.size(); ++i) values_[i] = buffers_[i].value();
    for (std::size_t i = 0; i < randoms_.size(); ++i) streams_[i] = *randoms_[i];
    default_ = default_random();
  }
  /// Restores what save() saved last.
  void restore() {
    for (std::size_t i = 0; i < buffers_.size(); ++i) buffers_[i].replace(values_[i]);
    for (std::size_t i = 0; i < randoms_.size(); ++i) *randoms_[i] = streams_[i];
    default_random() = default_;
  }

 private:
  void on_buffer(Buffer& buffer) override {
    buffers_.push_back(buffer);
    values_.push_back(buffer.value());
  }
  void on_random(Random& random) override {
    randoms_.push_back(&random);
    streams_.push_back(random);
  }
  std::vector<Buffer> buffers_;
  std::vector<Array> values_;
  std::vector<Random*> randoms_;
  std::vector<Random> streams_;
  Random default_;
};

}  // namespace chainrule::nn::detail

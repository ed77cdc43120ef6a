// The same perceptron and training step through the C++ interface of PyTorch (libtorch), if it is
// installed. This header includes no libtorch header: they are large and need their own flags.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace chainrule::networks {

/// Linear layers with relu between them, cross-entropy at the end, momentum SGD; float32, on one
/// thread. The weights have torch's default initialisation.
class TorchNetwork {
 public:
  TorchNetwork(const std::vector<int>& sizes, float rate, float momentum);
  ~TorchNetwork();
  TorchNetwork(const TorchNetwork&) = delete;
  TorchNetwork& operator=(const TorchNetwork&) = delete;

  /// Sets the data that step() learns from: `input` has `labels.size()` rows of sizes[0] elements.
  void set_batch(const float* input, const std::vector<std::int64_t>& labels);

  /// One step on the batch; returns the loss before it.
  float step();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chainrule::networks

#include "networks/torch_network.hpp"

#include <dlfcn.h>
#include <torch/torch.h>

namespace chainrule::networks {
namespace {

/// Limits libtorch to one thread, and also its BLAS library: OpenBLAS ignores libtorch's setting.
void use_one_thread() {
  torch::set_num_threads(1);
  if (void* const set = ::dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))
    reinterpret_cast<void (*)(int)>(set)(1);
}

}  // namespace

struct TorchNetwork::State {
  torch::nn::Sequential model;
  std::unique_ptr<torch::optim::SGD> optimizer;
  torch::Tensor input, labels;
};

TorchNetwork::TorchNetwork(const std::vector<int>& sizes, float rate, float momentum)
    : state_(std::make_unique<State>()) {
  use_one_thread();
  torch::manual_seed(7);
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
    state_->model->push_back(torch::nn::Linear(sizes[i], sizes[i + 1]));
    if (i + 2 < sizes.size()) state_->model->push_back(torch::nn::ReLU());
  }
  state_->optimizer = std::make_unique<torch::optim::SGD>(
      state_->model->parameters(), torch::optim::SGDOptions(rate).momentum(momentum));
}

TorchNetwork::~TorchNetwork() = default;

void TorchNetwork::set_batch(const float* input, const std::vector<std::int64_t>& labels) {
  const auto rows = static_cast<std::int64_t>(labels.size());
  const std::int64_t columns = state_->model->parameters().front().size(1);
  // clone(), since from_blob() would keep the pointers.
  state_->input = torch::from_blob(const_cast<float*>(input), {rows, columns}).clone();
  state_->labels =
      torch::from_blob(const_cast<std::int64_t*>(labels.data()), {rows}, torch::kInt64).clone();
}

float TorchNetwork::step() {
  state_->optimizer->zero_grad();
  torch::Tensor loss =
      torch::nn::functional::cross_entropy(state_->model->forward(state_->input), state_->labels);
  loss.backward();
  state_->optimizer->step();
  return loss.item<float>();
}

}  // namespace chainrule::networks

// The cost of a training step: a model of nn, recorded from scratch and swept, as a ratio to the
// same step hand-coded with Eigen in the same run, next to that of libtorch if it is installed; and
// the cost of one small operation. Prints a table after Google Benchmark's own output. Uses one
// thread unless CHAINRULE_THREADS is set (libtorch always uses one).
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "autodiff/core/threads.hpp"
#include "collector.hpp"
#include "networks/eigen_network.hpp"
#if CHAINRULE_HAS_TORCH
#include "networks/torch_network.hpp"
#endif
#include "nn/nn.hpp"

namespace {

using chainrule::benchmarks::Collector;
using chainrule::benchmarks::measure;
using namespace chainrule;
using chainrule::networks::EigenNetwork;
using chainrule::networks::Matrix;

/// A network, and the limit for the ratio of its step.
struct Network {
  std::string name;
  std::vector<int> sizes;
  int batch;
  double bar;
  Precision precision;
};
const std::vector<Network> measured_networks = {
    {"2-16-16-2, batch 32", {2, 16, 16, 2}, 32, 1.4, Precision::full},
    {"64-64-64-10, batch 64", {64, 64, 64, 10}, 64, 0.9, Precision::full},
    {"784-128-10, batch 64", {784, 128, 10}, 64, 0.75, Precision::full},
    {"784-512-512-10, batch 256", {784, 512, 512, 10}, 256, 0.9, Precision::full},
    {"784-512-512-10, bfloat16", {784, 512, 512, 10}, 256, 0.35, Precision::bfloat16},
};

nn::Sequential model_of(const std::vector<int>& sizes) {
  nn::Sequential model;
  Random random(7);
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
    model.add(nn::Linear(sizes[i], sizes[i + 1], {.dtype = DType::float32, .random = &random}));
    if (i + 2 < sizes.size()) model.add(nn::Relu());
  }
  return model;
}

void add(const Network& network) {
  const int classes = network.sizes.back();
  Matrix input = Matrix::Random(network.batch, network.sizes.front());
  std::vector<std::int64_t> labels;
  for (int i = 0; i < network.batch; ++i) labels.push_back(i * 7 % classes);

  auto by_hand = std::make_shared<EigenNetwork>(network.sizes, network.batch, 0.01f, 0.9f);
  measure(network.name + "/eigen", [=] { return by_hand->step(input, labels); });

  struct Ours {
    nn::Sequential model;
    nn::Sgd optimizer;
    Tensor input;
    Indices labels;
  };
  nn::Sequential model = model_of(network.sizes);
  nn::Sgd optimizer(model.parameters(), {.learning_rate = 0.01, .momentum = 0.9});
  const std::span<const float> numbers(input.data(), static_cast<std::size_t>(input.size()));
  auto ours = std::make_shared<Ours>(Ours{std::move(model), std::move(optimizer),
                                          tensor(numbers, {network.batch, network.sizes.front()}),
                                          Indices(labels)});
  const Precision precision = network.precision;
  measure(network.name + "/ours", [=] {
    Graph graph;
    const ProductPrecision scope(precision);
    const Var loss = nn::cross_entropy(ours->model(ours->input), ours->labels);
    ours->optimizer.step(gradient(loss));
    return loss.value();
  });

#if CHAINRULE_HAS_TORCH
  if (network.precision != Precision::full) return;
  auto torch = std::make_shared<networks::TorchNetwork>(network.sizes, 0.01f, 0.9f);
  torch->set_batch(input.data(), labels);
  measure(network.name + "/torch", [=] { return torch->step(); });
#endif
}

constexpr int chain = 64;
constexpr int few[] = {1, 3, 10, 16, 64};

/// A chain of operations on a few elements, recorded and swept.
void add_small(int elements) {
  const Tensor x0 = full({elements}, 1.0, DType::float32),
               y0 = full({elements}, 0.99, DType::float32);
  const Tensor seed = full({elements}, 1.0, DType::float32);
  measure(fmt::format("{} elements/operation", elements), [=] {
    Graph graph;
    const Tensor x = variable(x0), y = variable(y0);
    Tensor z = x;
    for (int i = 0; i < chain; ++i) z = z * y;
    const Gradient slope =
        gradient(std::span<const Tensor>(&z, 1), std::span<const Tensor>(&seed, 1));
    return slope.tensor_adjoint(y.id()).element(0);
  });
}

void print_table(const std::map<std::string, double>& least) {
  const auto time = [&](const std::string& name) {
    const auto entry = least.find(name);
    return entry == least.end() ? 0.0 : entry->second;
  };
  fmt::print("\n{:<28}{:>12}{:>12}{:>8}{:>8}{:>10}{:>14}\n", "one training step of", "Eigen, us",
             "ours, us", "ratio", "bar", "verdict", "libtorch, us");
  for (const Network& network : measured_networks) {
    const std::string full_name =
        network.precision == Precision::full ? network.name : "784-512-512-10, batch 256";
    const double by_hand = time(full_name + "/eigen"), ours = time(network.name + "/ours");
    if (by_hand == 0.0 || ours == 0.0) continue;
    const double torch = time(network.name + "/torch");
    fmt::print("{:<28}{:>12.2f}{:>12.2f}{:>8.2f}{:>8.2f}{:>10}{:>14}\n", network.name,
               by_hand / 1e3, ours / 1e3, ours / by_hand, network.bar,
               ours / by_hand <= network.bar ? "reached" : "missed",
               torch > 0.0 ? fmt::format("{:.2f}", torch / 1e3) : "-");
  }
  fmt::print("\none operation, recorded and swept: ");
  for (const int elements : few)
    fmt::print(" {} elements {:.0f} ns ", elements,
               time(fmt::format("{} elements/operation", elements)) / chain);
  fmt::print("\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (std::getenv("CHAINRULE_THREADS") == nullptr) set_thread_count(1);
  if (!chainrule::benchmarks::initialize({argv, argv + argc}, chainrule::benchmarks::dozen))
    return 2;
  for (const Network& network : measured_networks) add(network);
  for (const int elements : few) add_small(elements);
  Collector collector(Collector::Clock::wall);
  benchmark::RunSpecifiedBenchmarks(&collector);
  print_table(collector.least);
  return 0;
}

// A training step that has been made before takes no memory from the heap. Left out of builds with
// sanitizers (tests/CMakeLists.txt), where nothing can be counted.
#include <doctest/doctest.h>

#include "nn/nn.hpp"
#include "tests/support/count_allocations.hpp"

#if CHAINRULE_COUNTS_ALLOCATIONS
using namespace chainrule;

namespace {

template <class Step>
std::size_t allocations_of_repeated(Step step) {
  for (int i = 0; i < 3; ++i) step();
  const std::size_t before = allocations;
  for (int i = 0; i < 10; ++i) step();
  return allocations - before;
}

nn::Sequential small_net() {
  return nn::Sequential{nn::Linear(2, 16), nn::Tanh(), nn::Linear(16, 16), nn::Relu(),
                        nn::Linear(16, 2)};
}

}  // namespace

TEST_CASE("allocations are counted") {
  CHECK(allocations_of_repeated([] { delete new volatile int(1); }) == 10);
}

TEST_CASE("repeated training steps allocate nothing: squared error") {
  nn::Sequential model = small_net();
  const Tensor x = ones({32, 2}), y = zeros({32, 2});
  const auto check = [&](auto optimizer) {
    CHECK(allocations_of_repeated([&] {
            Graph graph;
            const Var loss = nn::half_squared_error(model(x), y);
            optimizer.step(gradient(loss));
          }) == 0);
    CHECK(allocations_of_repeated([&] {
            Graph graph;
            const Tensor loss = nn::mse(model(x), y);
            optimizer.step(nn::clip_grad_norm(optimizer.gradients(gradient(loss)), 1.0));
          }) == 0);
  };
  const nn::Parameters parameters = model.parameters();
  check(nn::Sgd(parameters, {.momentum = 0.9}));
  check(nn::Adam(parameters, {.amsgrad = true}));
  check(nn::Rmsprop(parameters));
}

TEST_CASE("repeated training steps allocate nothing: classes, dropout, normalisation") {
  nn::Sequential model = small_net();
  model.add(nn::Dropout(0.1)).add(nn::LayerNorm(2)).add(nn::BatchNorm(2));
  const std::vector<std::int64_t> classes(32, 1);
  const Indices labels{std::span<const std::int64_t>(classes)};
  const Tensor x = ones({32, 2});
  nn::AdamW optimizer(model.parameters());
  CHECK(allocations_of_repeated([&] {
          Graph graph;
          const Tensor loss = nn::cross_entropy(model(x), labels);
          optimizer.step(gradient(loss));
        }) == 0);
}
#endif

// Repeated training steps allocate no memory on the heap. Not part of builds with sanitizers
// (tests/CMakeLists.txt), which replace operator new.
#include <doctest/doctest.h>

#include <algorithm>

#include "nn/nn.hpp"
#include "tests/support/count_allocations.hpp"

#if CHAINRULE_COUNTS_ALLOCATIONS
using namespace chainrule;

namespace {

template <class Step>
std::size_t allocations_of_repeated(Step step) {
  for (int i = 0; i < 3; ++i) step();
  const std::size_t before = allocations.load();
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
            optimizer.step(nn::clip_grad_norm(optimizer.gradients(gradient(loss)), 1e-9));
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

TEST_CASE("repeated training steps allocate nothing: losses that check their arguments") {
  nn::Sequential model = small_net();
  const Tensor x = ones({32, 2}), zero_one = ones({32, 2});
  const std::vector<std::int64_t> classes(32, 1);
  const Indices labels{std::span<const std::int64_t>(classes)};
  nn::Sgd optimizer(model.parameters());
  CHECK(allocations_of_repeated([&] {
          Graph graph;
          const Tensor output = model(x), q = log_softmax(output, 1);
          const Tensor loss = nn::bce(sigmoid(output), zero_one) +
                              nn::bce_with_logits(output, zero_one) + nn::nll(q, labels) +
                              nn::kl_div(q, zero_one) + nn::hinge(output, zero_one);
          optimizer.step(gradient(loss));
        }) == 0);
}

TEST_CASE("the training loop allocates nothing between steps with weights of rows and classes") {
  nn::Sequential model = small_net();
  nn::Adam optimizer(model.parameters());
  const std::vector<std::int64_t> classes(96, 1);
  const nn::Dataset data =
      nn::Dataset(ones({96, 2}), Indices{std::span<const std::int64_t>(classes)})
          .with_weights(ones({96}));
  std::size_t last = 0, most = 0;
  int calls = 0;
  const auto count = [&](const Tensor&, const nn::Batch&) {
    if (calls++ % 12 != 0 && calls > 12) most = std::max(most, allocations.load() - last);
    last = allocations.load();
    return 0.0;
  };
  const auto per_row = [](const Tensor& output, const Indices& of_rows) {
    return nn::cross_entropy(output, of_rows, {.reduction = nn::Reduction::none});
  };
  for (const nn::Loss& loss : {nn::Loss(nn::cross_entropy, {.class_weights = {1.0, 2.0}}),
                               nn::Loss(nn::cross_entropy), nn::Loss(per_row)}) {
    calls = 0;
    most = 0;
    nn::train(model, loss, optimizer, data,
              {.epochs = 3,
               .batch_size = 8,
               .metrics = {{"count", count}},
               .progress = {.style = nn::ProgressStyle::quiet}});
    CHECK(calls == 36);
    CHECK(most == 0);
  }
}

TEST_CASE("steps after the first allocate nothing, with any optimiser and layer") {
  struct Words : nn::Module {
    nn::Embedding table{5, 6};
    nn::Sequential rest{nn::Flatten(), nn::Bias({12}), nn::Linear(12, 8), nn::BatchNorm(8),
                        nn::Gelu(),    nn::Dropout(),  nn::LayerNorm(8),  nn::Linear(8, 3)};
    void members(nn::Members& m) override { m("table", table)("rest", rest); }
  };
  Words model;
  const std::int64_t words[] = {0, 1, 1, 4, 3, 2, 2, 0};
  const Indices input(words, {4, 2}), labels{0, 2, 1, 1};
  const auto check = [&](auto optimizer) {
    const auto step = [&] {
      Graph graph;
      const Tensor loss =
          nn::cross_entropy(model.rest(model.table(input)), labels, {.label_smoothing = 0.1});
      // A norm that is always exceeded, so that every step clips.
      optimizer.step(nn::clip_grad_norm(optimizer.gradients(gradient(loss)), 1e-9));
    };
    step();
    const std::size_t before = allocations.load();
    for (int i = 0; i < 10; ++i) step();
    const auto made = allocations - before;
    CAPTURE(optimizer.name());
    CHECK(made == 0);
  };
  const nn::Parameters parameters = model.parameters();
  check(nn::Sgd(parameters, {.momentum = 0.9, .weight_decay = 0.01, .nesterov = true}));
  check(nn::Adam(parameters, {.amsgrad = true}));
  check(nn::AdamW(parameters));
  check(nn::Adamax(parameters));
  check(nn::Rmsprop(parameters, {.momentum = 0.9, .centered = true}));
  check(nn::Adagrad(parameters));
  check(nn::Adadelta(parameters));
}

TEST_CASE("batches allocate nothing, with and without weights and further columns") {
  const std::vector<std::int64_t> classes(96, 1);
  const nn::Dataset plain(ones({96, 2}), Indices{std::span<const std::int64_t>(classes)});
  const nn::Dataset full =
      plain.with_weights(ones({96}))
          .with_column("a name that is too long for a short string", plain.labels())
          .with_column("group", plain.labels());
  Random random(1);
  for (const nn::Dataset& data : {plain, full, full.shuffled(random), plain.rows(3, 80)}) {
    const nn::Batches in_order = data.batches(8), shuffled = data.batches(8, {.shuffle = &random});
    CHECK(allocations_of_repeated([&] {
            for (const nn::Batch& batch : in_order) CHECK(batch.size() == 8);
            for (const nn::Batch& batch : shuffled)
              if (batch.has_weights()) CHECK(batch.column("group").size() == 8);
          }) == 0);
  }
}

TEST_CASE("the training loop allocates nothing between two steps of an epoch") {
  nn::Sequential model = small_net();
  nn::Adam optimizer(model.parameters());
  const std::vector<std::int64_t> classes(96, 1);
  const nn::Dataset data(ones({96, 2}), Indices{std::span<const std::int64_t>(classes)});
  std::size_t last = allocations, most = last;
  int calls = 0;
  // Between the losses of two batches, after a first epoch that fills the pools.
  const auto loss = [&](const Tensor& output, const Indices& labels) {
    if (calls++ % 12 != 0 && calls > 12) most = std::max(most, allocations.load() - last);
    last = allocations.load();
    return nn::cross_entropy(output, labels);
  };
  most = 0;
  nn::train(model, loss, optimizer, data,
            {.epochs = 3,
             .batch_size = 8,
             .metrics = {{"accuracy", nn::accuracy}},
             .schedule = nn::Cosine(100),
             .clip_norm = 1.0,
             .progress = {.style = nn::ProgressStyle::quiet}});
  CHECK(calls == 36);
  CHECK(most == 0);
}
#endif

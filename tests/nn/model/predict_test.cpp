#include "nn/model/predict.hpp"

#include <doctest/doctest.h>

#include "nn/model/layers/dropout.hpp"
#include "tests/support/message_of.hpp"

using namespace chainrule;

namespace {

struct Doubled : nn::Module {
  Tensor forward(const Tensor& x) const override { return 2.0 * x; }
};

}  // namespace

TEST_CASE(
    "predict() in batches gives the outputs of all rows, and the caller's graph does not grow") {
  Doubled model;
  const Tensor x = tensor({{1, 2}, {3, 4}, {5, 6}});
  Graph graph;
  for (const std::int64_t batch_size : {0, 1, 2, 3, 4})
    CHECK(to_vector(nn::predict(model, x, batch_size)) == to_vector(2.0 * x));
  CHECK(graph.size() == 0);
}

TEST_CASE("predict() reports an input without rows and a negative batch size") {
  Doubled model;
  CHECK_THROWS_AS(nn::predict(model, zeros({0, 2})), ShapeError);
  CHECK_THROWS_AS(nn::predict(model, tensor(1.0)), ShapeError);
  CHECK(contains(message_of<DomainError>([&] { nn::predict(model, ones({1, 2}), -1); }), "-1"));
}

TEST_CASE("predict() restores the mode of a part that is a member twice") {
  struct Shared : nn::Module {
    nn::Dropout drop{0.9};
    Tensor forward(const Tensor& x) const override { return drop(x); }
    bool drops() { return sum(drop(ones({200}))).item() != 200.0; }
    void members(nn::Members& m) override { m("first", drop)("second", drop); }
  } model;
  model.train();
  nn::predict(model, ones({4, 2}));
  CHECK(model.drops());
  model.eval();
  nn::predict(model, ones({4, 2}));
  CHECK_FALSE(model.drops());
}

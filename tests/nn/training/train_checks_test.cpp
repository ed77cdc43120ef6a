// What train() finds before the first step.
#include <doctest/doctest.h>

#include <filesystem>
#include <initializer_list>

#include "tests/support/message_of.hpp"
#include "tests/support/small_training.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

/// Calls a loss that counts how often it is evaluated.
struct Counted {
  int calls = 0;
  nn::Loss loss() {
    return [this](const Tensor& output, const Indices& labels) {
      ++calls;
      return nn::cross_entropy(output, labels);
    };
  }
};

}  // namespace

TEST_CASE("a parameter that the optimiser does not have is an error that names it") {
  nn::Sequential model = classifier();
  nn::Adam optimizer(model.parameters());
  Counted counted;
  const auto train = [&](nn::TrainOptions options) {
    options.epochs = 2;
    options.progress = quiet;
    nn::train(model, counted.loss(), optimizer, triangle(9), options);
  };
  train({});
  Random random(1);
  model.add(nn::Tanh()).add(nn::Linear(3, 3, {.random = &random}));  // after the optimiser was made
  counted.calls = 0;
  const nn::State before = nn::clone(model).state();
  const std::string message = message_of<DomainError>([&] { train({}); });
  CHECK(contains(message,
                 "train: the model's parameter layers.4.weight is trainable, but the "
                 "optimiser does not have it"));
  CHECK(contains(message, "set_trainable(false)"));
  CHECK(counted.calls == 0);
  CHECK(same_bits(model.state(), before));
  model[4].freeze();  // excluded
  train({});
  // A callback that makes it trainable.
  nn::TrainOptions options;
  options.on_epoch = [&](const nn::Epoch&) { model[4].unfreeze(); };
  CHECK(contains(message_of<DomainError>([&] { train(options); }), "layers.4.weight"));
}

TEST_CASE("a training in which nothing can change is an error that says so") {
  nn::Sequential model = classifier();
  nn::Sgd sgd(model.parameters());
  nn::Lbfgs lbfgs(model.parameters());
  model.freeze();
  Counted counted;
  for (nn::Optimizer* const optimizer : std::initializer_list<nn::Optimizer*>{&sgd, &lbfgs})
    CHECK(contains(message_of<DomainError>([&] {
                     nn::train(model, counted.loss(), *optimizer, triangle(9),
                               {.epochs = 1, .progress = quiet});
                   }),
                   "train: all parameters of the optimiser are frozen"));
  CHECK(counted.calls == 0);
  model[0].unfreeze();
  nn::train(model, counted.loss(), sgd, triangle(9), {.epochs = 1, .progress = quiet});
}

TEST_CASE("datasets without rows, or with weights of 0 only, are errors before the first step") {
  nn::Sequential model = classifier();
  nn::Sgd optimizer(model.parameters());
  Counted counted;
  const nn::Dataset data = triangle(4).with_weights(tensor({1, 1, 0, 0}));
  const auto train = [&](const nn::Dataset& training, const nn::Dataset& validation) {
    nn::train(model, counted.loss(), optimizer, training,
              {.epochs = 1, .validation = validation, .progress = quiet});
  };
  CHECK(message_of<ShapeError>([&] { train(nn::Dataset(), {}); }) ==
        "train: the dataset has no rows");
  CHECK(contains(message_of<DomainError>([&] { train(data.rows(2, 2), {}); }),
                 "the weights of all 2 rows of the training set are 0"));
  CHECK(contains(message_of<DomainError>([&] { train(data, data.rows(3, 1)); }),
                 "the weights of all 1 rows of the validation set are 0"));
  CHECK(counted.calls == 0);
}

TEST_CASE("a metric without a name is an error before the first step") {
  nn::Sequential model = classifier();
  nn::Sgd optimizer(model.parameters());
  Counted counted;
  CHECK_THROWS_AS(nn::train(model, counted.loss(), optimizer, triangle(9),
                            {.epochs = 1, .metrics = {{"", nn::accuracy}}, .progress = quiet}),
                  DomainError);
  CHECK(counted.calls == 0);
}

TEST_CASE("a last batch of one row under batch normalisation is an error before the first step") {
  for (const bool shuffle : {false, true}) {
    nn::Sequential model = classifier(1, true);
    nn::Sgd optimizer(model.parameters());
    Counted counted;
    const auto train = [&](std::int64_t rows, nn::TrainOptions options) {
      options.epochs = 1;
      options.shuffle = shuffle;
      options.progress = quiet;
      nn::train(model, counted.loss(), optimizer, triangle(rows), options);
    };
    model.eval();
    const nn::State before = nn::clone(model).state();
    const Tensor output = model(triangle(4).features());
    const std::string message = message_of<ShapeError>([&] { train(9, {.batch_size = 4}); });
    CHECK(contains(message, "train: with 9 rows in batches of 4, the last batch has one row"));
    CHECK(contains(message, "Set drop_last, or another batch_size"));
    CHECK(contains(message_of<ShapeError>([&] { train(9, {.batch_size = 1}); }), "each batch"));
    CHECK(contains(message_of<ShapeError>([&] { train(1, {}); }), "one row"));
    CHECK(counted.calls == 0);
    CHECK(same_bits(model.state(), before));
    CHECK(to_vector(model(triangle(4).features())) == to_vector(output));  // still evaluates
    train(9, {.batch_size = 4, .drop_last = true});
    train(9, {.batch_size = 5});
    train(10, {.batch_size = 4});
    // A model that cannot take any rows: their number is not the reason.
    const nn::Dataset wide(zeros({9, 5}), triangle(9).labels());
    CHECK(!contains(message_of<ShapeError>([&] {
                      nn::train(model, counted.loss(), optimizer, wide, {.batch_size = 4});
                    }),
                    "one row"));
    // Without batch normalisation one row is enough.
    nn::Sequential plain = classifier();
    nn::Sgd of_plain(plain.parameters());
    nn::train(plain, nn::cross_entropy, of_plain, triangle(9),
              {.epochs = 1, .batch_size = 4, .progress = quiet});
  }
}

TEST_CASE("batch normalisation of several values per row takes one row") {
  struct PerElement : nn::Module {
    nn::Linear inner{1, 4};
    nn::BatchNorm norm{4};
    Tensor forward(const Tensor& x) const override {
      return sum(reshape(norm(inner(reshape(x, {-1, 1}))), {x.shape(0), -1}), 1);
    }
    void members(nn::Members& m) override { m("inner", inner)("norm", norm); }
  };
  PerElement model;
  nn::Sgd optimizer(model.parameters(), {.learning_rate = 0.0});
  const nn::Dataset data(reshape(linspace(0.0, 1.0, 15), {3, 5}), ones({3}));
  const PerElement by_hand = nn::clone(model);
  for (const nn::Batch& batch : data.batches(2)) by_hand(batch.x);
  const nn::TrainOptions options{.epochs = 1, .batch_size = 2, .shuffle = false, .progress = quiet};
  CHECK(nn::train(model, nn::mse, optimizer, data, options).steps == 2);
  CHECK(same_bits(model.state(), by_hand.state()));  // the check left no trace in the statistics
}

TEST_CASE("a model that fails in the check of the last batch is unchanged") {
  struct Fails : nn::Module {
    nn::Dropout dropout{0.5};
    nn::BatchNorm norm{2};
    Tensor forward(const Tensor& x) const override {
      const Tensor y = dropout(x);  // draws random numbers
      return norm(y + astype(y, DType::float32));
    }
    void members(nn::Members& m) override { m("dropout", dropout)("norm", norm); }
  };
  Fails model;
  nn::Sgd optimizer(model.parameters());
  const nn::State before = model.state();
  const nn::Dataset data(ones({3, 2}), ones({3, 2}));
  CHECK_THROWS_AS(nn::train(model, nn::mse, optimizer, data, {.batch_size = 2}), DTypeError);
  CHECK(same_bits(model.state(), before));
}

TEST_CASE("a checkpoint that cannot be saved is an error before the first step") {
  const TemporaryFolder folder;
  nn::Sequential model = classifier();
  nn::Sgd optimizer(model.parameters());
  Counted counted;
  const auto train = [&](const nn::TrainOptions& options) {
    nn::train(model, counted.loss(), optimizer, triangle(9), options);
  };
  nn::TrainOptions options{
      .epochs = 1, .progress = quiet, .checkpoint = folder / "no/run.safetensors"};
  CHECK(contains(message_of<FormatError>([&] { train(options); }), "no"));
  options.checkpoint = folder / "run.safetensors";
  options.extra = {{"a.b", {}}};
  CHECK(contains(message_of<DomainError>([&] { train(options); }), "a.b"));
  CHECK(counted.calls == 0);
  CHECK(folder.files() == 0);
  options.extra = {{"ab", {}}};
  train(options);
  CHECK(std::filesystem::exists(options.checkpoint));
}

TEST_CASE("a validation set with other classes is an error before the first step") {
  const nn::Dataset plain = triangle(9);
  const nn::Dataset named = plain.with_class_names({"a", "b", "c"});
  nn::Sequential model = classifier();
  nn::Sgd optimizer(model.parameters());
  Counted counted;
  const auto refused = [&](const nn::Dataset& validation) {
    return message_of<DomainError>([&] {
      nn::train(model, counted.loss(), optimizer, named,
                {.epochs = 1, .validation = validation, .progress = quiet});
    });
  };
  CHECK(contains(refused(plain.with_class_names({"b", "a", "c"})), "train: the validation set"));
  CHECK(counted.calls == 0);
}

// Weights, further columns, names and origins of the rows of datasets.
#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "nn/data/dataset.hpp"
#include "nn/data/standardizer.hpp"
#include "tests/support/message_of.hpp"

using namespace chainrule;
using nn::Dataset;

namespace {

using Numbers = std::vector<std::int64_t>;

Indices counting(std::int64_t n, std::int64_t factor = 1) {
  Indices numbers = Indices::uninitialised({n});
  for (std::int64_t i = 0; i < n; ++i) numbers.mutable_data()[i] = factor * i;
  return numbers;
}

/// Row i has the feature i, the weight i + 1, the id 10 i and the group -i.
Dataset everything(std::int64_t n, DType dtype = DType::float64) {
  const Tensor x = reshape(arange(static_cast<double>(n)), {n, 1});
  return Dataset(astype(x, dtype), counting(n))
      .with_weights(arange(1.0, static_cast<double>(n + 1)))
      .with_column("id", counting(n, 10))
      .with_column("group", counting(n, -1))
      .with_feature_names({"x"});
}

/// Whether all parts of a batch belong to the same rows.
bool belongs_together(const nn::Batch& batch) {
  const Indices id = batch.column("id"), group = batch.column("group");
  for (std::int64_t i = 0; i < batch.size(); ++i) {
    const auto row = static_cast<double>(batch.rows[i]);
    if (batch.x.at({i, 0}) != row || batch.labels[i] != batch.rows[i] ||
        batch.weights.at({i}) != row + 1 || id[i] != 10 * batch.rows[i] ||
        group[i] != -batch.rows[i])
      return false;
  }
  return batch.weights.size() == batch.size() && id.size() == batch.size() &&
         batch.weights.dtype() == batch.x.dtype();
}

}  // namespace

TEST_CASE("weights, columns and origins stay with their rows") {
  Random random(3);
  for (const DType dtype : {DType::float32, DType::float64}) {
    const Dataset data = everything(20, dtype);
    const auto [first, second] = data.split(0.6, random);
    const std::vector<Dataset> parts = first.split({5, 3}, random);
    const Dataset doubled = data.with_features(data.features() * 2.0);
    for (const Dataset& part :
         {data, first, second, parts[0], parts[1], data.rows(3, 9), data.rows(Indices{7, 7, 0}),
          data.rows(3, 9).rows(2, 4), data.shuffled(random).rows(4, 10).shuffled(random),
          data.rows(0, 0), doubled.with_features(data.features()).shuffled(random)}) {
      CHECK(part.has_weights());
      CHECK(part.feature_names() == std::vector<std::string>{"x"});
      CHECK(part.columns().names() == std::vector<std::string>{"id", "group"});
      CHECK(part.column("id").size() == part.size());
      for (Random* shuffle : {static_cast<Random*>(nullptr), &random})
        for (const nn::Batch& batch : part.batches(4, {.shuffle = shuffle}))
          CHECK(belongs_together(batch));
    }
    CHECK(data.rows(3, 9).rows(2, 4).origin().to_vector() == Numbers{5, 6, 7, 8});
    CHECK(data.rows(Indices{7, 7, 0}).origin().to_vector() == Numbers{7, 7, 0});
    CHECK(data.origin().to_vector() == counting(20).to_vector());
  }
}

TEST_CASE("a dataset without weights and columns has none, and neither have its batches") {
  const Dataset data(zeros({3, 2}), Indices{0, 1, 0});
  CHECK_FALSE(data.has_weights());
  CHECK(data.columns().empty());
  CHECK(data.columns().names().empty());
  CHECK_THROWS_AS(data.weights(), DomainError);
  CHECK(message_of<DomainError>([&] { data.column("id"); }) ==
        "Columns: there is no column 'id'; there are none");
  const nn::Batch batch = data.batches(2)[1];
  CHECK_FALSE(batch.has_weights());
  CHECK(batch.weights.value().is_null());
  CHECK(batch.has_labels());
  CHECK_FALSE(batch.has_targets());
  CHECK_THROWS_AS(batch.column("id"), DomainError);
  const Dataset more = data.with_column("id", Indices{5, 6, 7}).with_column("g", {1, 2, 3});
  CHECK(message_of<DomainError>([&] { more.column("ID"); }) ==
        "Columns: there is no column 'ID'; the columns are id, g");
  CHECK(more.columns().has("g"));
  CHECK_FALSE(more.columns().has("x"));
  CHECK(more.with_column("id", Indices{9, 9, 8}).column("id").to_vector() == Numbers{9, 9, 8});
  CHECK(more.with_column("id", Indices{9, 9, 8}).column("g").to_vector() == Numbers{1, 2, 3});
}

TEST_CASE("weights are checked") {
  const Dataset data(zeros({3, 2}), zeros({3, 1}));
  CHECK(to_vector(data.with_weights(tensor({0, 2, 0.5})).weights()) ==
        std::vector<double>{0, 2, 0.5});
  for (const double bad : {-1.0, double(NAN), double(INFINITY)})
    CHECK(contains(message_of<DomainError>([&] {
                     data.with_weights(tensor({1.0, bad, 1.0}));
                   }),
                   "row 1 is"));
  CHECK_THROWS_AS(data.with_weights(zeros({3})), DomainError);
  CHECK_THROWS_AS(data.with_weights(ones({2})), ShapeError);
  CHECK_THROWS_AS(data.with_weights(ones({3, 1})), ShapeError);
  CHECK_THROWS_AS(data.with_weights(tensor(1.0)), ShapeError);
  CHECK_THROWS_AS(data.with_weights(Tensor()), DomainError);
  // Weights that the type of the features cannot hold.
  const Dataset narrow(zeros({2, 1}, DType::float32), zeros({2, 1}));
  CHECK(narrow.with_weights(tensor({0.5, 1})).weights().dtype() == DType::float32);
  CHECK_THROWS_AS(narrow.with_weights(tensor({1e300, 1})), DomainError);
  CHECK_THROWS_AS(narrow.with_weights(tensor({1e-300, 0})), DomainError);
  const Dataset wide = narrow.with_weights(tensor({1, 2})).with_features(zeros({2, 3}));
  CHECK(wide.weights().dtype() == DType::float64);
  CHECK(Dataset(zeros({0, 1}), zeros({0, 1})).with_weights(zeros({0})).has_weights());

  CHECK_THROWS_AS(data.with_column("id", Indices{1, 2}), ShapeError);
  CHECK_THROWS_AS(data.with_column("", Indices{1, 2, 3}), DomainError);
  CHECK_THROWS_AS(data.with_column("id", Indices::uninitialised({3, 1})), ShapeError);
}

TEST_CASE("features alone are a dataset to predict from") {
  const Dataset data(reshape(arange(6.0), {3, 2}));
  CHECK(data.size() == 3);
  CHECK_FALSE(data.has_labels());
  CHECK_FALSE(data.has_targets());
  CHECK(contains(message_of<DomainError>([&] { data.labels(); }), "features only"));
  CHECK(contains(message_of<DomainError>([&] { data.targets(); }), "features only"));
  Random random(1);
  const nn::Batch batch = data.shuffled(random).batches(2)[0];
  CHECK_FALSE(batch.has_labels());
  CHECK_FALSE(batch.has_targets());
  CHECK(batch.x.at({1, 1}) == static_cast<double>(2 * batch.rows[1] + 1));
  CHECK_THROWS_AS(Dataset(tensor(1.0)), ShapeError);
  CHECK_THROWS_AS(Dataset(Tensor{}), DomainError);
}

TEST_CASE("other targets, with everything else") {
  const Dataset data = everything(4);
  const Dataset changed = data.rows(1, 3).with_targets(slice(data.features(), 0, {0, 3}));
  CHECK_FALSE(changed.has_labels());
  CHECK(changed.targets().at({2, 0}) == 2);
  CHECK(changed.column("id").to_vector() == Numbers{10, 20, 30});
  CHECK(changed.origin().to_vector() == Numbers{1, 2, 3});
  CHECK_THROWS_AS(changed.labels(), DomainError);
  CHECK_THROWS_AS(data.with_targets(zeros({3, 1})), ShapeError);
  CHECK_THROWS_AS(data.with_targets(Tensor()), DomainError);
  const Dataset named = changed.with_target_names({"y"});
  CHECK(named.with_targets(zeros({3, 1})).target_names().size() == 1);
  CHECK(named.with_targets(zeros({3, 2})).target_names().empty());
}

TEST_CASE("names of columns and classes") {
  const Dataset data = Dataset(zeros({2, 3}), zeros({2, 1}))
                           .with_feature_names({"a", "b", "c"})
                           .with_target_names({"y"});
  CHECK(data.target_names() == std::vector<std::string>{"y"});
  CHECK(data.with_features(ones({2, 3})).feature_names().size() == 3);
  CHECK(data.with_features(ones({2, 4})).feature_names().empty());
  CHECK(data.with_features(ones({2, 4})).target_names().size() == 1);
  CHECK_THROWS_AS(data.with_feature_names({"a", "b"}), ShapeError);
  CHECK_THROWS_AS(data.with_feature_names({"a", "b", "a"}), DomainError);
  CHECK_THROWS_AS(data.with_feature_names({"a", "", "c"}), DomainError);
  CHECK_THROWS_AS(Dataset(zeros({2, 2, 2})).with_feature_names({"a", "b"}), ShapeError);
  CHECK_THROWS_AS(Dataset(zeros({2, 1})).with_target_names({"y"}), DomainError);
  CHECK(Dataset(zeros({2})).with_feature_names({"a"}).feature_names().size() == 1);

  const Dataset classes(zeros({2, 1}), Indices{1, 0});
  CHECK(classes.with_class_names({"no", "yes"}).classes() == 2);
  CHECK_THROWS_AS(classes.with_class_names({"no"}), ShapeError);
  CHECK_THROWS_AS(classes.with_class_names({"no", "no"}), DomainError);
  CHECK_THROWS_AS(Dataset(zeros({2, 1}), Indices{1, 0}, {"", "b"}), DomainError);
  // A model can be applied to rows of unknown class, and its classes have names.
  CHECK(Dataset(zeros({2, 1})).with_class_names({"no", "yes"}).classes() == 2);
}

TEST_CASE("another dataset must number its classes and columns as the training set does") {
  const Dataset training = Dataset(zeros({3, 2}), Indices{0, 1, 2}, {"ant", "bee", "fly"})
                               .with_feature_names({"a", "b"});
  const auto error_of = [&](const Dataset& data) {
    return message_of<DomainError>([&] { data.check_like(training, "the test set"); });
  };
  training.rows(1, 1).check_like(training, "a part");
  training.with_features(ones({3, 2})).check_like(training, "other features");
  CHECK(error_of(Dataset(zeros({1, 2}))) ==
        "the test set has features only, but the training set has labels");
  CHECK(error_of(Dataset(zeros({1, 2}), zeros({1}))) ==
        "the test set has targets, but the training set has labels");
  CHECK(contains(error_of(Dataset(zeros({2, 2}), Indices{0, 1}, {"ant", "fly"})),
                 "the test set has the classes ant, fly, but the training set has the classes "
                 "ant, bee, fly: so the same label means another class. Read it with "
                 "CsvColumns{.class_names = training.class_names()}, or call "
                 "renumbered(training.class_names())"));
  CHECK(contains(error_of(Dataset(zeros({2, 2}), Indices{0, 1})), "classes without names"));
  CHECK(contains(error_of(Dataset(zeros({2, 2}), Indices{0, 1})), "call with_class_names()"));
  CHECK(contains(error_of(training.with_feature_names({"b", "a"})),
                 "the test set has the features b, a, but the training set has a, b"));
  CHECK_THROWS_AS(Dataset(zeros({2, 3}), Indices{0, 1}).check_like(training, "it"), ShapeError);
  const Dataset regression(zeros({2, 2}), zeros({2, 1}));
  CHECK_THROWS_AS(Dataset(zeros({2, 2}), zeros({2})).check_like(regression, "it"), ShapeError);
}

TEST_CASE("names are compared and renumbered in time linear in their number") {
  constexpr std::int64_t n = 100000;  // a quadratic search would take minutes
  std::vector<std::string> names, reversed;
  for (std::int64_t i = 0; i < n; ++i) names.push_back("c" + std::to_string(i));
  reversed.assign(names.rbegin(), names.rend());
  const Dataset data(zeros({2, 1}), Indices{0, n - 3}, names);
  CHECK(data.renumbered(reversed).labels().to_vector() == Numbers{n - 1, 2});

  // A message does not list all names, so it says where they differ.
  std::swap(names[50000], names[50001]);
  const Dataset other(zeros({2, 1}), Indices{0, 1}, names);
  CHECK(contains(message_of<DomainError>([&] { data.check_like(other, "the test set"); }),
                 "(the first difference, counted from 0, is number 50000: 'c50000' and 'c50001'): "
                 "so the same label"));
}

TEST_CASE("labels are renumbered by the names of their classes") {
  const Dataset data = Dataset(zeros({4, 1}), Indices{0, 1, 2, 1}, {"ant", "bee", "fly"})
                           .with_column("id", Indices{5, 6, 7, 8});
  const Dataset changed = data.renumbered({"fly", "bee", "cow", "ant"});
  CHECK(changed.labels().to_vector() == Numbers{3, 1, 0, 1});
  CHECK(changed.class_names() == std::vector<std::string>{"fly", "bee", "cow", "ant"});
  CHECK(changed.column("id")[2] == 7);
  CHECK(changed.renumbered({"ant", "bee", "cow", "fly"}).labels()[2] == 3);
  CHECK(message_of<DomainError>([&] { data.renumbered({"bee"}); }) ==
        "Dataset::renumbered: the classes ant, fly are not among the classes bee");
  CHECK_THROWS_AS(data.renumbered({"ant", "bee", "fly", "ant"}), DomainError);
  CHECK_THROWS_AS(Dataset(zeros({1, 1}), Indices{0}).renumbered({"ant"}), DomainError);
}

TEST_CASE("joined datasets are a new whole") {
  const Dataset data = everything(10);
  Random random(4);
  const auto [first, second] = data.split(0.5, random);
  const Dataset both = first.joined(second);
  CHECK(both.size() == 10);
  CHECK(both.origin().to_vector() == counting(10).to_vector());
  CHECK(both.feature_names() == data.feature_names());
  for (std::int64_t i = 0; i < 10; ++i) {
    CHECK(both.labels()[i] == (i < 5 ? first.labels()[i] : second.labels()[i - 5]));
    CHECK(both.column("id")[i] == 10 * both.labels()[i]);
    CHECK(both.weights().at({i}) == static_cast<double>(both.labels()[i] + 1));
    CHECK(both.features().at({i, 0}) == static_cast<double>(both.labels()[i]));
  }
  CHECK(Dataset().joined(second).origin().to_vector() == counting(5).to_vector());
  CHECK(second.joined(Dataset()).origin().to_vector() == counting(5).to_vector());
  const Dataset regression(zeros({2, 3}), zeros({2, 1}));
  CHECK(regression.joined(regression).targets().shape() == Shape{4, 1});
  CHECK_THROWS_AS(regression.joined(Dataset(zeros({2, 3}))), DomainError);
  CHECK_THROWS_AS(regression.joined(regression.with_weights(ones({2}))), DomainError);
  CHECK_THROWS_AS(regression.joined(regression.with_column("id", {1, 2})), DomainError);
  CHECK_THROWS_AS(regression.with_column("id", {1, 2}).joined(regression), DomainError);
  CHECK_THROWS_AS(regression.joined(Dataset(zeros({2, 4}), zeros({2, 1}))), ShapeError);
  CHECK_THROWS_AS(regression.joined(Dataset(zeros({2, 3}, DType::float32), zeros({2, 1}))),
                  DomainError);
}

TEST_CASE("standardised datasets keep everything else") {
  const Dataset data = everything(6);
  const Dataset scaled = nn::Standardizer(data)(data.rows(2, 3));
  CHECK(scaled.column("id").to_vector() == Numbers{20, 30, 40});
  CHECK(scaled.weights().at({2}) == 5);
  CHECK(scaled.origin().to_vector() == Numbers{2, 3, 4});
  CHECK(scaled.feature_names() == std::vector<std::string>{"x"});
  CHECK(nn::Standardizer(data)(Dataset(data.features())).size() == 6);
}

#include "nn/data/dataset.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "autodiff/autodiff.hpp"
#include "nn/data/standardizer.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace chainrule;
using nn::Dataset;

namespace {

/// Row i has the features 2i and 2i + 1 and the label i.
Dataset counting(std::int64_t n) {
  const Tensor x = reshape(arange(static_cast<double>(2 * n)), {n, 2});
  Indices labels = Indices::uninitialised({n});
  std::iota(labels.mutable_data(), labels.mutable_data() + n, 0);
  return {x, labels};
}

/// Whether features, labels and row positions of a batch belong to the same samples.
bool belongs_together(const nn::Batch& batch) {
  for (std::int64_t i = 0; i < batch.size(); ++i)
    if (batch.x.at({i, 1}) != static_cast<double>(2 * batch.labels[i] + 1) ||
        batch.rows[i] != batch.labels[i])
      return false;
  return batch.x.shape(0) == batch.size() && batch.labels.size() == batch.size();
}

std::vector<std::int64_t> labels_in(const Dataset& data) { return data.labels().to_vector(); }

}  // namespace

TEST_CASE("the parts of a dataset") {
  const Dataset data = counting(5);
  CHECK(data.size() == 5);
  CHECK(data.has_labels());
  CHECK(data.classes() == 5);
  CHECK_THROWS_AS(data.targets(), DomainError);
  const Dataset regression(zeros({4, 3}), zeros({4, 1}));
  CHECK_FALSE(regression.has_labels());
  CHECK_THROWS_AS(regression.labels(), DomainError);
  CHECK(Dataset().empty());
  CHECK_THROWS_AS(Dataset(zeros({4, 3}), zeros({3, 1})), ShapeError);
  CHECK_THROWS_AS(Dataset(zeros({4, 3}), Indices{0, 1}), ShapeError);
  CHECK_THROWS_AS(Dataset(zeros({2}), Indices{0, -1}), ShapeError);
  CHECK_THROWS_AS(Dataset(zeros({2}), Indices{0, 2}, {"a", "b"}), ShapeError);
  CHECK_THROWS_AS(Dataset(tensor(1.0), zeros({1})), ShapeError);
  CHECK_THROWS_AS(Dataset(Tensor(), zeros({1})), DomainError);
  CHECK_THROWS_AS(data.with_features(zeros({4, 1})), ShapeError);
}

TEST_CASE("batches: every row once, in order or shuffled") {
  const Dataset data = counting(10);
  std::vector<std::int64_t> sizes, seen;
  for (const nn::Batch& batch : data.batches(4)) {
    CHECK(belongs_together(batch));
    sizes.push_back(batch.size());
    seen.insert(seen.end(), batch.rows.begin(), batch.rows.end());
  }
  CHECK(sizes == std::vector<std::int64_t>{4, 4, 2});
  CHECK(std::is_sorted(seen.begin(), seen.end()));
  CHECK(seen.size() == 10);

  Random random(3), same(3);
  const nn::Batches shuffled = data.batches(4, {.shuffle = &random});
  seen.clear();
  for (const nn::Batch& batch : shuffled) {
    CHECK(belongs_together(batch));
    seen.insert(seen.end(), batch.rows.begin(), batch.rows.end());
  }
  CHECK_FALSE(std::is_sorted(seen.begin(), seen.end()));
  CHECK(std::set(seen.begin(), seen.end()).size() == 10);
  CHECK(seen == permutation(same, 10).to_vector());

  CHECK(data.batches(4, {.drop_last = true}).size() == 2);
  CHECK(data.batches(0).size() == 1);
  CHECK(data.batches(0)[0].size() == 10);
  CHECK(data.batches(11, {.drop_last = true}).size() == 0);
  CHECK(Dataset().batches(4).size() == 0);
  CHECK_THROWS_AS(data.batches(-1), DomainError);
  CHECK_THROWS_AS(data.batches(4)[3], ShapeError);
}

TEST_CASE("rows, shuffles and splits") {
  const Dataset data = counting(10);
  CHECK(labels_in(data.rows(Indices{7, 7, 0})) == std::vector<std::int64_t>{7, 7, 0});
  CHECK(labels_in(data.rows(8, 2)) == std::vector<std::int64_t>{8, 9});
  CHECK_THROWS_AS(data.rows(Indices{10}), ShapeError);
  CHECK_THROWS_AS(data.rows(8, 3), ShapeError);
  CHECK_THROWS_AS(data.rows(-1, 1), ShapeError);

  Random random(1), same(1);
  const auto [training, rest] = data.split(0.75, random);
  CHECK(training.size() == 8);
  CHECK(rest.size() == 2);
  std::vector<std::int64_t> all = labels_in(training);
  for (const std::int64_t label : labels_in(rest)) all.push_back(label);
  CHECK(all == permutation(same, 10).to_vector());
  // The positions of the rows are those in the whole dataset.
  CHECK(belongs_together(data.shuffled(random).batches(0)[0]));
  CHECK(belongs_together(rest.rows(1, 1).shuffled(random).batches(0, {.shuffle = &random})[0]));
  const std::vector<Dataset> parts = data.split({3, 0, 4}, random);
  CHECK(parts.size() == 3);
  CHECK(parts[1].empty());
  CHECK(parts[2].size() == 4);
  CHECK(data.split(0.0, random).first.empty());
  CHECK_THROWS_AS(data.split(1.5, random), DomainError);
  CHECK_THROWS_AS(data.split({8, 3}, random), ShapeError);
  CHECK_THROWS_AS(data.split({-1}, random), ShapeError);
}

TEST_CASE("tables: columns by name, classes by name or number") {
  const TemporaryFolder folder;
  const std::string path = folder.write("iris.csv",
                                        "id,width,species,length\n"
                                        "1,0.5,setosa,5\n"
                                        "2,0.25, virginica ,7\n"
                                        "3,1,iris versicolor,6\n"
                                        "4,2,setosa,4\n");
  const Dataset data =
      Dataset::from_csv(path, {.features = {"length", "width"}, .label = "species"});
  CHECK(to_vector(data.features()) == std::vector<double>{5, 0.5, 7, 0.25, 6, 1, 4, 2});
  CHECK(data.class_names() == std::vector<std::string>{"iris versicolor", "setosa", "virginica"});
  CHECK(labels_in(data) == std::vector<std::int64_t>{1, 2, 0, 1});

  const Dataset numbered = Dataset::from_csv(path, {.features = {"width"}, .label = "id"});
  CHECK(labels_in(numbered) == std::vector<std::int64_t>{1, 2, 3, 4});
  CHECK(numbered.class_names().empty());

  const Dataset regression = Dataset::from_csv(
      path, {.features = {"width"}, .targets = {"length", "id"}, .dtype = DType::float32});
  CHECK(regression.targets().shape() == Shape{4, 2});
  CHECK(regression.targets().dtype() == DType::float32);
  CHECK(regression.targets().at({1, 0}) == 7);

  const std::string error =
      message_of<FormatError>([&] { Dataset::from_csv(path, {.targets = {"length"}}); });
  CHECK(contains(error, "iris.csv: line 2, column 'species'"));
  const std::string gap = folder.write("gap.csv", "x,class\n1,a\n2,\n");
  CHECK(contains(message_of<FormatError>([&] { Dataset::from_csv(gap, {.label = "class"}); }),
                 "gap.csv: line 3, column 'class': the label is missing"));
  CHECK_THROWS_AS(Dataset::from_csv(gap, {.label = "clas"}), FormatError);
  CHECK_THROWS_AS(Dataset::from_csv(gap, {}), FormatError);
  CHECK_THROWS_AS(Dataset::from_csv(gap, {.targets = {"x"}, .label = "class"}), DomainError);
}

namespace {
std::string idx(char type, const std::vector<unsigned char>& shape, const std::string& data) {
  std::string bytes = {0, 0, type, static_cast<char>(shape.size())};
  for (const unsigned char size : shape) bytes += std::string(3, '\0') + static_cast<char>(size);
  return bytes + data;
}
}  // namespace

TEST_CASE("images: bytes become numbers from 0 to 1") {
  const TemporaryFolder folder;
  const std::string images =
      folder.write("images", idx(8, {2, 1, 3}, std::string("\x00\x33\xff\x01\x02\x03", 6)));
  const std::string labels = folder.write("labels", idx(8, {2}, std::string("\x07\x00", 2)));
  const Dataset data = Dataset::from_idx(images, labels);
  CHECK(data.features().shape() == Shape{2, 1, 3});
  CHECK(data.features().dtype() == DType::float32);
  CHECK(data.features().at({0, 0, 1}) == doctest::Approx(0.2));
  CHECK(data.features().at({0, 0, 2}) == 1.0);
  CHECK(labels_in(data) == std::vector<std::int64_t>{7, 0});
  const std::string three = folder.write("three", idx(8, {3}, "abc"));
  CHECK(contains(message_of<FormatError>([&] { Dataset::from_idx(images, three); }), "three"));
  CHECK_THROWS_AS(Dataset::from_idx(images, images), FormatError);
  CHECK(Dataset::from_idx(images).features().shape() == Shape{2, 1, 3});
  CHECK_FALSE(Dataset::from_idx(images, DType::float64).has_labels());
  CHECK_THROWS_AS(Dataset::from_idx(folder.write("number", idx(8, {}, "a"))), FormatError);
  const std::string large =
      folder.write("large", idx(14, {1}, std::string("\x7e\x37\xe4\x3c\x88\x00\x75\x9c", 8)));
  CHECK(contains(message_of<FormatError>([&] { Dataset::from_idx(large); }),
                 "large: 1e+300 is too large for float32"));
  CHECK(Dataset::from_idx(large, DType::float64).features().at({0}) == 1e300);
  const std::string negative = folder.write("negative", idx(9, {2}, "\xff\x01"));
  CHECK_THROWS_AS(Dataset::from_idx(images, negative), FormatError);
}

TEST_CASE("NPY files") {
  const TemporaryFolder folder;
  save_npy(folder / "x.npy", tensor({{1, 2}, {3, 4}}));
  save_npy(folder / "labels.npy", Indices{1, 0});
  save_npy(folder / "y.npy", tensor({{0.5}, {1.5}}, DType::float32));
  const Dataset labelled = Dataset::from_npy(folder / "x.npy", folder / "labels.npy");
  CHECK(labels_in(labelled) == std::vector<std::int64_t>{1, 0});
  const Dataset regression = Dataset::from_npy(folder / "x.npy", folder / "y.npy");
  CHECK(regression.targets().at({1, 0}) == 1.5);
  CHECK_THROWS_AS(Dataset::from_npy(folder / "x.npy", folder / "absent.npy"), FormatError);
  CHECK(Dataset::from_npy(folder / "x.npy").features().at({1, 0}) == 3);
  const auto error_with = [&](const std::string& targets) {
    return message_of<FormatError>([&] { Dataset::from_npy(folder / "x.npy", targets); });
  };
  save_npy(folder / "negative.npy", Indices{1, -2});
  CHECK(contains(error_with(folder / "negative.npy"), "negative.npy: label 1 is -2, below 0"));
  save_npy(folder / "three.npy", Indices{1, 2, 3});
  CHECK(contains(error_with(folder / "three.npy"), "three.npy has the shape [3], which is not"));
  save_npy(folder / "number.npy", tensor(1.0));
  CHECK(contains(error_with(folder / "number.npy"), "shape []"));
  CHECK_THROWS_AS(Dataset::from_npy(folder / "number.npy"), FormatError);
}

TEST_CASE("features at both ends of the range are standardised") {
  for (const double unit : {1e-200, 1e160, 5e307}) {
    const nn::Standardizer standardizer(tensor({{unit}, {3.0 * unit}}));
    const Tensor x = standardizer(tensor({{unit}, {3.0 * unit}}));
    CHECK(x.at({0, 0}) == doctest::Approx(-1.0));
    CHECK(x.at({1, 0}) == doctest::Approx(1.0));
  }
}

TEST_CASE("standardised features have mean 0 and variance 1, and the inverse restores them") {
  Random random(5);
  const Tensor x = normal(random, {200, 3}, 1e6, 2.5);
  const nn::Standardizer standardizer(x);
  const Tensor z = standardizer(x);
  const Tensor mean_z = mean(z, 0), variance = var(z, 0);
  for (std::int64_t c = 0; c < 3; ++c) {
    CHECK(std::fabs(mean_z.at({c})) < 1e-9);
    CHECK(variance.at({c}) == doctest::Approx(1.0).epsilon(1e-9));
  }
  const Tensor back = standardizer.inverse(z);
  for (std::int64_t i = 0; i < 200; ++i)
    CHECK(back.at({i, 1}) == doctest::Approx(x.at({i, 1})).epsilon(1e-14));

  // Constant features, one with a rounded mean: no division by a tiny deviation.
  const nn::Standardizer constant(full({7, 2}, 0.1));
  CHECK(constant.deviation().at({0}) == 1.0);
  CHECK(std::fabs(constant(full({1, 2}, 0.1)).at({0, 0})) < 1e-15);
  CHECK(nn::Standardizer(full({3, 1}, 0.1, DType::float32)).mean().dtype() == DType::float32);
  CHECK(nn::Standardizer(zeros({1, 4})).deviation().at({3}) == 1.0);

  nn::Standardizer restored;
  CHECK(contains(message_of<DomainError>([&] { restored(x); }), "not fitted"));
  CHECK_THROWS_AS(restored.inverse(x), DomainError);
  restored.set_state(standardizer.state());
  CHECK(restored(x).at({4, 1}) == z.at({4, 1}));
  nn::State half = standardizer.state();
  half.arrays.erase("deviation");
  CHECK(contains(message_of<FormatError>([&] { restored.set_state(half); }), "missing: deviation"));
  CHECK(restored(x).at({4, 1}) == z.at({4, 1}));
  const auto refused = [&](const char* name, double element) {
    nn::State bad = standardizer.state();
    bad.arrays[name] = full(x[0].shape(), element).value();
    return message_of<FormatError>([&] { restored.set_state(bad); });
  };
  CHECK(contains(refused("mean", NAN), "the state's mean has an element nan"));
  for (const double element : {0.0, -1.0, HUGE_VAL, static_cast<double>(NAN)})
    CHECK(contains(refused("deviation", element), "the state's deviation has an element"));
  CHECK(restored(x).at({4, 1}) == z.at({4, 1}));

  CHECK_THROWS_AS(nn::Standardizer(zeros({0, 3})), ShapeError);
  CHECK_THROWS_AS(standardizer(zeros({5, 4})), ShapeError);
  CHECK_THROWS_AS(standardizer(zeros({5, 1})), ShapeError);
  CHECK(contains(message_of<DomainError>([] {
                   nn::Standardizer(tensor({{1, 2}, {3, NAN}}));
                 }),
                 "row 1, feature 1"));
  const Dataset data = counting(4);
  CHECK(nn::Standardizer(data)(data).labels()[3] == 3);
}

#include "nn/data/dataset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>

#include "autodiff/arrays.hpp"
#include "nn/data/selected_rows.hpp"
#include "nn/io/shown.hpp"

namespace chainrule::nn {
namespace {

using detail::difference, detail::listed, detail::shown;

/// Rows in row-major order, as a constant.
Tensor rows_of(const Tensor& x, const char* what) {
  if (x.value().is_null())
    throw DomainError(fmt::format("Dataset: the {} are a Tensor that was never assigned", what));
  if (x.rank() == 0)
    throw ShapeError(fmt::format("Dataset: the {} are a single number, not rows", what));
  return contiguous(x.value());
}

/// Also if one of them was never assigned.
bool have_same_shape(const Tensor& x, const Tensor& y) {
  return x.value().is_null() || y.value().is_null() || x.shape() == y.shape();
}

void check_names(const std::vector<std::string>& names, const char* what) {
  std::vector<std::string_view> sorted(names.begin(), names.end());
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end())
    throw DomainError(fmt::format("Dataset: two {} have the name '{}'", what, shown(*twice)));
  if (!sorted.empty() && sorted.front().empty())
    throw DomainError(fmt::format("Dataset: the name of one of the {} is empty", what));
}

/// Throws ShapeError unless x is [n] or [n, columns] with as many columns as names.
void check_columns(const Tensor& x, const std::vector<std::string>& names, const char* what) {
  check_names(names, what);
  const Shape shape = x.value().is_null() ? Shape{0} : x.shape();
  const std::int64_t columns = shape.size() == 1 ? 1 : shape.size() == 2 ? shape[1] : -1;
  if (static_cast<std::int64_t>(names.size()) != columns)
    throw ShapeError(
        fmt::format("Dataset: {} names for {} of shape {}", names.size(), what, text_of(shape)));
}

void check_labels(const Indices& labels, const std::vector<std::string>& class_names) {
  check_names(class_names, "classes");
  constexpr std::int64_t max_classes = std::int64_t{1} << 32;
  labels.check_range(
      class_names.empty() ? max_classes : static_cast<std::int64_t>(class_names.size()), "Dataset");
}

/// What a file calls the classes, after class i has got the number number_of[i].
std::vector<std::string> renumbered_texts(const std::vector<std::string>& texts,
                                          const std::vector<std::int64_t>& number_of,
                                          const std::vector<std::string>& names) {
  std::vector<std::string> result = names;
  for (std::size_t i = 0; i < number_of.size(); ++i) {
    std::string& text = result[static_cast<std::size_t>(number_of[i])];
    if (texts.empty())
      text = std::to_string(i);  // the file has numbers
    else if (i < texts.size())
      text = texts[i];
  }
  return result;
}

}  // namespace

Dataset::Dataset(const Tensor& features)
    : features_(rows_of(features, "features")), size_(features_.shape(0)) {}

Dataset::Dataset(const Tensor& features, const Tensor& targets) : Dataset(features) {
  targets_ = rows_of(targets, "targets");
  if (targets_.shape(0) != size_)
    throw ShapeError(
        fmt::format("Dataset: features of {} rows and targets of {}", size_, targets_.shape(0)));
}

Dataset::Dataset(const Tensor& features, Indices labels, std::vector<std::string> class_names)
    : Dataset(features) {
  labels_ = std::move(labels);
  has_labels_ = true;
  if (labels_.rank() != 1 || labels_.size() != size_)
    throw ShapeError(fmt::format("Dataset: features of {} rows and labels of shape {}", size_,
                                 text_of(labels_.shape())));
  check_labels(labels_, class_names);
  if (!class_names.empty())
    about_ = std::make_shared<const About>(About{.classes = std::move(class_names)});
}

const char* Dataset::kind() const {
  return has_labels_ ? "labels" : has_targets() ? "targets" : "features only";
}

const Tensor& Dataset::targets() const {
  if (!has_targets()) throw DomainError(fmt::format("Dataset: it has {}, not targets", kind()));
  return targets_;
}

const Indices& Dataset::labels() const {
  if (!has_labels_) throw DomainError(fmt::format("Dataset: it has {}, not labels", kind()));
  return labels_;
}

std::int64_t Dataset::classes() const {
  if (!class_names().empty()) return static_cast<std::int64_t>(class_names().size());
  const Indices& all = labels();
  return all.size() == 0 ? 0 : 1 + *std::max_element(all.begin(), all.end());
}

Dataset Dataset::with_features(const Tensor& features) const {
  Dataset result = *this;
  result.features_ = rows_of(features, "features");
  const Tensor x = result.features_;
  if (x.shape(0) != size_)
    throw ShapeError(fmt::format("Dataset::with_features: {} rows given, but the dataset has {}",
                                 x.shape(0), size_));
  if (!feature_names().empty() && !have_same_shape(x, features_))
    result = result.renamed([](About& about) { about.features.clear(); });
  if (has_weights() && x.dtype() != weights_.dtype()) result = result.with_weights(weights_);
  return result;
}

Dataset Dataset::with_targets(const Tensor& targets) const {
  Dataset result = *this;
  result.targets_ = rows_of(targets, "targets");
  result.labels_ = {};
  result.has_labels_ = false;
  if (result.targets_.shape(0) != size_)
    throw ShapeError(fmt::format("Dataset::with_targets: {} rows given, but the dataset has {}",
                                 result.targets_.shape(0), size_));
  if (!target_names().empty() && !have_same_shape(result.targets_, targets_))
    return result.renamed([](About& about) { about.targets.clear(); });
  return result;
}

// ---- Weights and further columns ----------------------------------------------------------------

const Tensor& Dataset::weights() const {
  if (!has_weights()) throw DomainError("Dataset: it has no weights");
  return weights_;
}

Dataset Dataset::with_weights(const Tensor& weights) const {
  if (weights.value().is_null())
    throw DomainError("Dataset::with_weights: the weights are a Tensor that was never assigned");
  if (weights.rank() != 1 || weights.shape(0) != size_)
    throw ShapeError(
        fmt::format("Dataset::with_weights: weights of shape {} for {} rows; they must be [{}]",
                    text_of(weights.shape()), size_, size_));
  Dataset result = *this;
  const DType dtype = features_.value().is_null() ? weights.dtype() : features_.dtype();
  result.weights_ = contiguous(astype(weights, dtype).value());
  double largest = 0.0;
  std::int64_t row = 0;
  for (const double weight : to_vector(result.weights_)) {
    if (!std::isfinite(weight) || weight < 0.0)
      throw DomainError(
          fmt::format("Dataset::with_weights: the weight of row {} is {}; weights are finite "
                      "numbers of at least 0",
                      row, weight));
    largest = std::fmax(largest, weight);
    ++row;
  }
  if (size_ > 0 && largest == 0.0) throw DomainError("Dataset::with_weights: all weights are 0");
  return result;
}

Dataset Dataset::with_column(const std::string& name, const Indices& numbers) const {
  if (name.empty()) throw DomainError("Dataset::with_column: the name is empty");
  if (numbers.rank() != 1 || numbers.size() != size_)
    throw ShapeError(fmt::format("Dataset::with_column: '{}' has the shape {} for {} rows", name,
                                 text_of(numbers.shape()), size_));
  Dataset result = *this;
  result.columns_.add(name, numbers);
  return result;
}

Indices Dataset::origin() const { return origin_ ? *origin_ : detail::counting_from(0, size_); }

// ---- Names --------------------------------------------------------------------------------------

const Dataset::About& Dataset::about() const {
  static const About none;
  return about_ ? *about_ : none;
}

template <class Change>
Dataset Dataset::renamed(Change change) const {
  About changed = about();
  change(changed);
  Dataset result = *this;
  result.about_ = std::make_shared<const About>(std::move(changed));
  return result;
}

Dataset Dataset::with_feature_names(std::vector<std::string> given) const {
  check_columns(features_, given, "features");
  return renamed([&](About& about) { about.features = std::move(given); });
}

Dataset Dataset::with_target_names(std::vector<std::string> given) const {
  check_columns(targets(), given, "targets");
  return renamed([&](About& about) { about.targets = std::move(given); });
}

Dataset Dataset::with_class_names(std::vector<std::string> given) const {
  check_labels(labels_, given);
  return renamed([&](About& about) { about.classes = std::move(given); });
}

Dataset Dataset::renumbered(std::vector<std::string> given) const {
  if (class_names().empty()) throw DomainError("Dataset::renumbered: its classes have no names");
  check_names(given, "classes");
  std::unordered_map<std::string_view, std::int64_t> position;
  for (const std::string& name : given)
    position.emplace(name, static_cast<std::int64_t>(position.size()));
  std::vector<std::int64_t> number_of;
  std::vector<std::string> unknown;
  for (const std::string& name : class_names()) {
    const auto found = position.find(name);
    if (found == position.end())
      unknown.push_back(name);
    else
      number_of.push_back(found->second);
  }
  if (!unknown.empty())
    throw DomainError(fmt::format("Dataset::renumbered: {} not among the classes {}",
                                  unknown.size() == 1
                                      ? fmt::format("the class {} is", listed(unknown))
                                      : fmt::format("the classes {} are", listed(unknown)),
                                  listed(given)));
  Dataset result = renamed([&](About& about) {
    if (about.csv)
      about.csv->class_names = renumbered_texts(about.csv->class_names, number_of, given);
    about.classes = std::move(given);
  });
  result.labels_ = detail::gathered(Indices(number_of), labels_);
  return result;
}

const CsvColumns& Dataset::csv_columns() const {
  if (!about().csv) throw DomainError("Dataset: it was not read from a CSV file");
  return *about().csv;
}

void Dataset::check_like(const Dataset& training, std::string_view what) const {
  const auto check_rows = [&](const Tensor& x, const Tensor& like, const char* part) {
    if (x.value().is_null() || like.value().is_null()) return;
    const Shape own = x.shape(), wanted = like.shape();
    if (!std::equal(own.begin() + 1, own.end(), wanted.begin() + 1, wanted.end()))
      throw ShapeError(fmt::format("{} has {} of shape {}, but the training set has {} of shape {}",
                                   what, part, text_of(own), part, text_of(wanted)));
  };
  if (kind() != training.kind())
    throw DomainError(
        fmt::format("{} has {}, but the training set has {}", what, kind(), training.kind()));
  check_rows(features_, training.features_, "features");
  check_rows(targets_, training.targets_, "targets");
  const auto check_same = [&](const auto& own, const auto& wanted, const char* part) {
    if (!own.empty() && !wanted.empty() && own != wanted)
      throw DomainError(fmt::format("{} has the {} {}, but the training set has {}{}", what, part,
                                    listed(own), listed(wanted), difference(own, wanted)));
  };
  check_same(feature_names(), training.feature_names(), "features");
  check_same(target_names(), training.target_names(), "targets");
  if (class_names() == training.class_names() || !has_labels_) return;
  const auto classes_of = [](const Dataset& data) {
    return data.class_names().empty() ? "classes without names"
                                      : "the classes " + listed(data.class_names());
  };
  throw DomainError(fmt::format(
      "{} has {}, but the training set has {}{}: so the same label means another "
      "class. Read it with CsvColumns{{.class_names = training.class_names()}}, or call "
      "{}",
      what, classes_of(*this), classes_of(training),
      difference(class_names(), training.class_names()),
      class_names().empty() || training.class_names().empty()
          ? "with_class_names() to name its classes"
          : "renumbered(training.class_names())"));
}

}  // namespace chainrule::nn

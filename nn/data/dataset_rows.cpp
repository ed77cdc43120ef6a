// Parts of datasets: rows, splits, joins and batches.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "nn/data/dataset.hpp"
#include "nn/data/selected_rows.hpp"

namespace chainrule::nn {

using namespace detail;

Batch Dataset::take(const Indices& rows) const {
  Batch batch{.x = gathered(features_, rows),
              .rows = origin_ ? gathered(*origin_, rows) : rows,
              .columns = columns_.rows(rows)};
  if (has_labels_) batch.labels = gathered(labels_, rows);
  if (has_targets()) batch.y = gathered(targets_, rows);
  if (has_weights()) batch.weights = gathered(weights_, rows);
  return batch;
}

Batch Dataset::take(std::int64_t first, std::int64_t count) const {
  Batch batch{.x = viewed(features_, first, count),
              .rows = origin_ ? part_of(*origin_, first, count) : counting_from(first, count),
              .columns = columns_.rows(first, count)};
  if (has_labels_) batch.labels = part_of(labels_, first, count);
  if (has_targets()) batch.y = viewed(targets_, first, count);
  if (has_weights()) batch.weights = viewed(weights_, first, count);
  return batch;
}

Dataset Dataset::with(Batch batch) const {
  Dataset result;
  result.size_ = batch.size();
  result.features_ = std::move(batch.x);
  result.targets_ = std::move(batch.y);
  result.weights_ = std::move(batch.weights);
  result.labels_ = std::move(batch.labels);
  result.has_labels_ = has_labels_;
  result.columns_ = std::move(batch.columns);
  result.origin_ = std::move(batch.rows);
  result.about_ = about_;
  return result;
}

Dataset Dataset::rows(const Indices& rows) const {
  rows.check_range(size_, "Dataset::rows");
  return empty() ? *this : with(take(rows));
}

Dataset Dataset::rows(std::int64_t first, std::int64_t count) const {
  if (first < 0 || count < 0 || count > size_ - first)
    throw ShapeError(
        fmt::format("Dataset::rows: {} rows from row {} on, of {}", count, first, size_));
  return empty() ? *this : with(take(first, count));
}

Dataset Dataset::shuffled(Random& random) const { return rows(permutation(random, size_)); }

std::pair<Dataset, Dataset> Dataset::split(double fraction, Random& random) const {
  if (!(fraction >= 0.0 && fraction <= 1.0))
    throw DomainError(
        fmt::format("Dataset::split: the fraction is {}; it must be in [0, 1]", fraction));
  const auto first = static_cast<std::int64_t>(std::llround(fraction * static_cast<double>(size_)));
  std::vector<Dataset> parts = split({first, size_ - first}, random);
  return {std::move(parts[0]), std::move(parts[1])};
}

std::vector<Dataset> Dataset::split(const std::vector<std::int64_t>& sizes, Random& random) const {
  std::int64_t left = size_;
  for (const std::int64_t size : sizes) {
    if (size < 0 || size > left)
      throw ShapeError(fmt::format("Dataset::split: {} rows cannot be split into parts of {}",
                                   size_, fmt::join(sizes, ", ")));
    left -= size;
  }
  const Indices order = permutation(random, size_);
  std::vector<Dataset> parts;
  std::int64_t first = 0;
  for (const std::int64_t size : sizes) {
    parts.push_back(rows(part_of(order, first, size)));
    first += size;
  }
  return parts;
}

Dataset Dataset::joined(const Dataset& other) const {
  if (features_.value().is_null() || other.features_.value().is_null()) {
    Dataset whole = features_.value().is_null() ? other : *this;
    whole.origin_.reset();
    return whole;
  }
  other.check_like(*this, "Dataset::joined: the second dataset");
  const auto check_both = [](bool first, bool second, std::string_view what) {
    if (first != second)
      throw DomainError(fmt::format("Dataset::joined: only the {} dataset has {}",
                                    first ? "first" : "second", what));
  };
  check_both(has_weights(), other.has_weights(), "weights");
  if (columns_.names() != other.columns_.names())
    for (const Columns* const columns : {&columns_, &other.columns_})
      for (const std::string& name : columns->names())
        check_both(columns_.has(name), other.columns_.has(name),
                   fmt::format("a column '{}'", name));
  if (features_.dtype() != other.features_.dtype())
    throw DomainError("Dataset::joined: the features have different types");
  Dataset result = *this;
  result.origin_.reset();
  result.size_ = size_ + other.size_;
  result.features_ = concat({features_, other.features_}, 0).value();
  if (has_targets()) result.targets_ = concat({targets_, other.targets_}, 0).value();
  if (has_weights()) result.weights_ = concat({weights_, other.weights_}, 0).value();
  if (has_labels_) result.labels_ = detail::joined(labels_, other.labels_);
  std::vector<Indices> numbers;
  for (const std::string& name : columns_.names())
    numbers.push_back(detail::joined(column(name), other.column(name)));
  result.columns_ = Columns::of(columns_.names(), numbers);
  return result;
}

// ---- Batches ------------------------------------------------------------------------------------

Batches Dataset::batches(std::int64_t size, const BatchOptions& options) const {
  if (size < 0)
    throw DomainError(
        fmt::format("Dataset::batches: the size is {}; it must not be negative", size));
  return {*this, size, options};
}

Batches::Batches(const Dataset& data, std::int64_t size, const BatchOptions& options)
    : data_(data), batch_size_(size > 0 ? size : std::max<std::int64_t>(data.size(), 1)) {
  count_ = data.size() / batch_size_;
  if (!options.drop_last && data.size() % batch_size_ != 0) ++count_;
  if (options.shuffle != nullptr) order_ = permutation(*options.shuffle, data.size());
}

Batch Batches::operator[](std::int64_t i) const {
  if (i < 0 || i >= count_)
    throw ShapeError(fmt::format("Batches: there is no batch {}; there are {} batches", i, count_));
  const std::int64_t first = i * batch_size_;
  const std::int64_t count = std::min(batch_size_, data_.size() - first);
  return order_ ? data_.take(part_of(*order_, first, count)) : data_.take(first, count);
}

}  // namespace chainrule::nn

#include "nn/data/dataset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "autodiff/arrays.hpp"

namespace chainrule::nn {
namespace {

/// Rows in row-major order, as a constant.
Tensor rows_of(const Tensor& x, const char* what) {
  if (x.value().is_null())
    throw DomainError(fmt::format("Dataset: the {} are a Tensor that was never assigned", what));
  if (x.rank() == 0)
    throw ShapeError(fmt::format("Dataset: the {} are a single number, not rows", what));
  return contiguous(x.value());
}

Shape with_rows(const Array& x, std::int64_t rows) {
  Shape shape(x.shape());
  shape[0] = rows;
  return shape;
}

std::size_t row_bytes(const Array& x) {
  std::size_t bytes = size_of(x.dtype());
  for (std::size_t axis = 1; axis < x.rank(); ++axis)
    bytes *= static_cast<std::size_t>(x.shape(axis));
  return bytes;
}

Tensor gathered(const Tensor& x, const Indices& rows) {
  const Array& from = x.value();
  Array to = Array::uninitialised(from.dtype(), with_rows(from, rows.size()));
  const std::size_t bytes = row_bytes(from);
  const auto* const in = static_cast<const std::byte*>(from.data());
  auto* out = static_cast<std::byte*>(to.mutable_data());
  if (bytes == 0) return to;
  for (const std::int64_t row : rows) {
    std::memcpy(out, in + static_cast<std::size_t>(row) * bytes, bytes);
    out += bytes;
  }
  return to;
}

Indices gathered(const Indices& x, const Indices& rows) {
  Indices to = Indices::uninitialised({rows.size()});
  std::transform(rows.begin(), rows.end(), to.mutable_data(),
                 [&](std::int64_t row) { return x[row]; });
  return to;
}

Tensor viewed(const Tensor& x, std::int64_t first, std::int64_t count) {
  const Array& from = x.value();
  return from.view(with_rows(from, count), from.strides(), count > 0 ? first * from.stride(0) : 0);
}

Indices part_of(const Indices& x, std::int64_t first, std::int64_t count) {
  Indices part = Indices::uninitialised({count});
  std::copy_n(x.begin() + first, count, part.mutable_data());
  return part;
}

Indices counting_from(std::int64_t first, std::int64_t count) {
  Indices rows = Indices::uninitialised({count});
  for (std::int64_t i = 0; i < count; ++i) rows.mutable_data()[i] = first + i;
  return rows;
}

}  // namespace

Dataset::Dataset(const Tensor& features, const Tensor& targets)
    : features_(rows_of(features, "features")),
      targets_(rows_of(targets, "targets")),
      size_(features_.shape(0)) {
  if (targets_.shape(0) != size_)
    throw ShapeError(
        fmt::format("Dataset: features of {} rows and targets of {}", size_, targets_.shape(0)));
}

Dataset::Dataset(const Tensor& features, Indices labels, std::vector<std::string> class_names)
    : features_(rows_of(features, "features")),
      labels_(std::move(labels)),
      class_names_(std::move(class_names)),
      size_(features_.shape(0)) {
  if (labels_.rank() != 1 || labels_.size() != size_)
    throw ShapeError(fmt::format("Dataset: features of {} rows and labels of shape {}", size_,
                                 text_of(labels_.shape())));
  constexpr std::int64_t max_classes = std::int64_t{1} << 32;
  labels_.check_range(
      class_names_.empty() ? max_classes : static_cast<std::int64_t>(class_names_.size()),
      "Dataset");
}

const Tensor& Dataset::targets() const {
  if (has_labels()) throw DomainError("Dataset: it has labels, not targets");
  return targets_;
}

const Indices& Dataset::labels() const {
  if (!has_labels()) throw DomainError("Dataset: it has targets, not labels");
  return labels_;
}

std::int64_t Dataset::classes() const {
  if (!class_names_.empty()) return static_cast<std::int64_t>(class_names_.size());
  const Indices& all = labels();
  return all.size() == 0 ? 0 : 1 + *std::max_element(all.begin(), all.end());
}

// ---- Subsets ------------------------------------------------------------------------------------

Dataset Dataset::with_features(const Tensor& features) const {
  Dataset result = *this;
  result.features_ = rows_of(features, "features");
  if (result.features_.shape(0) != size_)
    throw ShapeError(fmt::format("Dataset::with_features: {} rows given, but the dataset has {}",
                                 result.features_.shape(0), size_));
  return result;
}

Batch Dataset::take(const Indices& rows) const {
  Batch batch{gathered(features_, rows), {}, {}, rows};
  if (has_labels())
    batch.labels = gathered(labels_, rows);
  else
    batch.y = gathered(targets_, rows);
  return batch;
}

Batch Dataset::take(std::int64_t first, std::int64_t count) const {
  Batch batch{viewed(features_, first, count), {}, {}, counting_from(first, count)};
  if (has_labels())
    batch.labels = part_of(labels_, first, count);
  else
    batch.y = viewed(targets_, first, count);
  return batch;
}

Dataset Dataset::with(Batch batch) const {
  Dataset result;
  result.size_ = batch.size();
  result.features_ = std::move(batch.x);
  result.targets_ = std::move(batch.y);
  result.labels_ = std::move(batch.labels);
  result.class_names_ = class_names_;
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

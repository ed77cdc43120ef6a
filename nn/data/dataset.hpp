// Dataset: samples in memory, and their batches.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autodiff/core/random.hpp"
#include "autodiff/graphs.hpp"
#include "nn/data/batch.hpp"
#include "nn/data/csv_columns.hpp"

namespace chainrule::nn {

class Batches;

struct BatchOptions {
  bool drop_last = false;     ///< omit a last batch that is smaller than the others
  Random* shuffle = nullptr;  ///< if set, rows come in a random order drawn from this stream
};

/// Samples with features, and targets or labels to predict, one row each. They may have weights,
/// further columns of whole numbers, and names of columns and classes, which all subsets and
/// batches keep. A value; copies share memory.
class Dataset {
 public:
  /// An empty dataset.
  Dataset() = default;
  /// Features [n, ...] alone, to predict from or for losses that need no targets; stored as
  /// constants in row-major order. Throws ShapeError for a tensor of rank 0.
  explicit Dataset(const Tensor& features);
  /// Features [n, ...] and targets [n, ...]. Throws ShapeError if the numbers of rows differ or a
  /// tensor has rank 0.
  Dataset(const Tensor& features, const Tensor& targets);
  /// Features [n, ...] and labels [n] >= 0. Throws ShapeError as above and for a label that is
  /// negative or has no name, DomainError if a class name is empty or appears twice.
  Dataset(const Tensor& features, Indices labels, std::vector<std::string> class_names = {});

  /// Reads a CSV file. Without targets and label, the dataset has features only. Throws
  /// FormatError, which names file, line and column, for a field that is not a number, for a
  /// missing value, as far as the columns do not say what becomes of it, for an unknown class and
  /// for an absent column; DomainError for columns that contradict each other.
  static Dataset from_csv(const std::string& path, const CsvColumns& columns);
  static Dataset from_csv(const Csv& table, const CsvColumns& columns);
  /// Reads IDX files of images and labels, such as those of MNIST, which may be compressed with
  /// gzip. Features [n, rows, columns] are the bytes divided by 255. Without labels, the dataset
  /// has features only. Throws FormatError unless there is one label >= 0 per image.
  static Dataset from_idx(const std::string& images, const std::string& labels,
                          DType dtype = DType::float32);
  static Dataset from_idx(const std::string& images, DType dtype = DType::float32);
  /// Reads NPY files. An integer array of rank 1 holds labels, any other array targets. Throws
  /// FormatError unless it has one label >= 0, or one row of targets, per row of the features.
  static Dataset from_npy(const std::string& features, const std::string& targets);
  static Dataset from_npy(const std::string& features);

  std::int64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const Tensor& features() const { return features_; }
  bool has_targets() const { return !targets_.value().is_null(); }
  bool has_labels() const { return has_labels_; }
  /// Throw DomainError if the dataset has none.
  const Tensor& targets() const;
  const Indices& labels() const;
  /// The number of classes: that of their names or, without names, the largest label plus 1.
  std::int64_t classes() const;

  /// The same samples with other features, such as standardised ones. The names of features are
  /// kept if their number is the same. Throws ShapeError if the number of rows differs.
  Dataset with_features(const Tensor& features) const;
  /// The same with other targets, such as standardised ones, instead of targets or labels.
  Dataset with_targets(const Tensor& targets) const;

  // ---- Weights and further columns ----

  bool has_weights() const { return !weights_.value().is_null(); }
  /// The weights [n], of the features' type. Throws DomainError if there are none.
  const Tensor& weights() const;
  /// The same samples with weights [n]. Throws ShapeError for another shape, and DomainError, which
  /// names the row, unless all are finite and >= 0 and one of them is above 0.
  Dataset with_weights(const Tensor& weights) const;

  /// The numbers [n] of a further column. Throws DomainError if there is none of this name.
  Indices column(std::string_view name) const { return columns_[name]; }
  const Columns& columns() const { return columns_; }
  /// The same samples with a further column of whole numbers [n], or another one of that name.
  /// Throws ShapeError for another shape, DomainError for an empty name.
  Dataset with_column(const std::string& name, const Indices& numbers) const;

  /// Where each row [n] is in the whole dataset: the one that was constructed, from which this one
  /// was taken with rows(), shuffled() and split(). For from_csv() it is the row of the table.
  Indices origin() const;

  // ---- Names ----

  /// The names of the columns of the features and targets, and of the classes; empty if not known.
  const std::vector<std::string>& feature_names() const { return about().features; }
  const std::vector<std::string>& target_names() const { return about().targets; }
  const std::vector<std::string>& class_names() const { return about().classes; }
  /// The same samples with these names. Throw ShapeError unless there is one name for each column
  /// [n, columns] or each label; DomainError if a name is empty or appears twice.
  Dataset with_feature_names(std::vector<std::string> names) const;
  Dataset with_target_names(std::vector<std::string> names) const;
  Dataset with_class_names(std::vector<std::string> names) const;

  /// The same samples with labels that are positions in `class_names`, of the same classes by name.
  /// A file that is read with the csv_columns() of the result gets these labels, too. Throws
  /// DomainError, which lists both, if one of the classes is not among them, or if this dataset has
  /// no class names.
  Dataset renumbered(std::vector<std::string> class_names) const;

  /// The columns that from_csv() was called with, completed by what it found: the names of all
  /// features, the classes and the numbers for missing features. A second file that is read with
  /// them gets the same columns and classes. Throws DomainError unless the dataset is from a CSV
  /// file.
  const CsvColumns& csv_columns() const;
  /// The number of rows of the table that from_csv() left out.
  std::int64_t dropped_rows() const { return about().dropped; }

  /// Checks that a model that was trained with `training` can be used with this dataset. Throws
  /// DomainError, which calls this dataset `what`, if they number their classes differently, name
  /// different columns, or only one has targets or labels; ShapeError if the shapes of their rows
  /// differ.
  void check_like(const Dataset& training, std::string_view what) const;

  // ---- Rows ----

  /// The rows at these positions, in that order. Throws ShapeError for a position out of range.
  Dataset rows(const Indices& rows) const;
  /// `count` rows from `first` on, without a copy. Throws ShapeError if they are out of range.
  Dataset rows(std::int64_t first, std::int64_t count) const;
  /// All rows in random order.
  Dataset shuffled(Random& random) const;
  /// Splits the rows, in random order, into a part with this fraction of them (rounded to the
  /// nearest row) and the rest. Throws DomainError unless the fraction is in [0, 1].
  std::pair<Dataset, Dataset> split(double fraction, Random& random) const;
  /// Splits rows in random order into parts of these sizes. Throws ShapeError if there are fewer
  /// rows.
  std::vector<Dataset> split(const std::vector<std::int64_t>& sizes, Random& random) const;
  std::vector<Dataset> split(std::initializer_list<std::int64_t> sizes, Random& random) const {
    return split(std::vector<std::int64_t>(sizes), random);  // {5} is a size, not a fraction
  }
  /// The rows of this dataset and then those of another, as a new whole. Throws as check_like()
  /// does, and DomainError if only one of them has weights or a column.
  Dataset joined(const Dataset& other) const;

  /// The rows in batches of `size` (0: all rows in one batch). The last one may be smaller.
  ///
  ///   for (const nn::Batch& batch : data.batches(32, {.shuffle = &random})) ...
  ///
  /// Batches share memory with the dataset, or are copies if rows are shuffled. All memory comes
  /// from the pool of arrays. Throws DomainError for a size < 0.
  Batches batches(std::int64_t size, const BatchOptions& options = {}) const;

 private:
  friend class Batches;
  /// What all subsets have in common.
  struct About {
    std::vector<std::string> features = {}, targets = {}, classes = {};
    std::optional<CsvColumns> csv = std::nullopt;
    std::int64_t dropped = 0;
  };
  const About& about() const;
  const char* kind() const;  // for messages
  /// The same samples with names that `change` has changed.
  template <class Change>
  Dataset renamed(Change change) const;
  Batch take(const Indices& rows) const;
  Batch take(std::int64_t first, std::int64_t count) const;
  Dataset with(Batch batch) const;

  Tensor features_, targets_, weights_;
  Indices labels_;
  bool has_labels_ = false;
  Columns columns_;
  std::optional<Indices> origin_;       // without: the rows of this dataset itself
  std::shared_ptr<const About> about_;  // null if nothing is known
  std::int64_t size_ = 0;
};

/// The batches of a dataset, for a range-based loop. Shares the memory of the dataset, which may
/// end first.
class Batches {
 public:
  /// The number of batches.
  std::int64_t size() const { return count_; }
  Batch operator[](std::int64_t i) const;

  struct End {};
  class Iterator {
   public:
    Iterator(const Batches& batches, std::int64_t i) : batches_(&batches), i_(i) {}
    Batch operator*() const { return (*batches_)[i_]; }
    Iterator& operator++() {
      ++i_;
      return *this;
    }
    bool operator!=(End) const { return i_ < batches_->size(); }

   private:
    const Batches* batches_;
    std::int64_t i_;
  };
  Iterator begin() const { return {*this, 0}; }
  End end() const { return {}; }

 private:
  friend class Dataset;
  Batches(const Dataset& data, std::int64_t size, const BatchOptions& options);

  Dataset data_;
  std::int64_t batch_size_, count_;
  std::optional<Indices> order_;
};

}  // namespace chainrule::nn

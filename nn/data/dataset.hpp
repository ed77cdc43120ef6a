// Datasets: samples in memory, and their batches.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "autodiff/core/random.hpp"
#include "nn/data/csv.hpp"

namespace chainrule::nn {

class Batches;

/// Some rows of a dataset.
struct Batch {
  Tensor x;        ///< features [n, ...]
  Tensor y;        ///< targets [n, ...]; a null tensor if the dataset has labels
  Indices labels;  ///< labels [n]; empty if the dataset has targets
  Indices rows;    ///< the positions [n] of the rows in the dataset, to look up further data

  std::int64_t size() const { return rows.size(); }
};

struct BatchOptions {
  bool drop_last = false;     ///< omit a last batch that is smaller than the others
  Random* shuffle = nullptr;  ///< if set, rows come in a random order drawn from this stream
};

/// The roles of the columns of a table, by name.
struct CsvColumns {
  std::vector<std::string> features = {};  ///< if empty, all columns without another role
  std::vector<std::string> targets = {};   ///< numbers to predict: targets of shape [n, targets]
  /// The column of class labels. If all its fields are integers >= 0, they are the labels.
  /// Otherwise they are names of classes, which are numbered in alphabetical order.
  std::string label = {};
  CsvOptions csv = {};
  DType dtype = DType::float64;
};

/// Samples with features and either targets or labels to predict, one row each. A value; copies
/// share memory.
class Dataset {
 public:
  /// An empty dataset.
  Dataset() = default;
  /// Features [n, ...] and targets [n, ...], stored as constants in row-major order. Throws
  /// ShapeError if the numbers of rows differ or a tensor has rank 0.
  Dataset(const Tensor& features, const Tensor& targets);
  /// Features [n, ...] and labels [n] >= 0. Also throws ShapeError for a negative label.
  Dataset(const Tensor& features, Indices labels, std::vector<std::string> class_names = {});

  /// Reads a CSV file. Throws FormatError, which names file, line and column, for a field that is
  /// not a number and for a missing column; DomainError unless targets or a label are named.
  static Dataset from_csv(const std::string& path, const CsvColumns& columns);
  static Dataset from_csv(const Csv& table, const CsvColumns& columns);
  /// Reads IDX files of images and labels, such as those of MNIST, which may be compressed with
  /// gzip. Features [n, rows, columns] are the bytes divided by 255. Throws FormatError unless
  /// there is one label per image.
  static Dataset from_idx(const std::string& images, const std::string& labels,
                          DType dtype = DType::float32);
  /// Reads NPY files. An integer array of rank 1 holds labels, any other array targets.
  static Dataset from_npy(const std::string& features, const std::string& targets);

  std::int64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const Tensor& features() const { return features_; }
  bool has_labels() const { return targets_.value().is_null(); }
  /// Throw DomainError if the dataset has the other kind.
  const Tensor& targets() const;
  const Indices& labels() const;
  /// The number of classes: that of their names or, without names, the largest label plus 1.
  std::int64_t classes() const;
  const std::vector<std::string>& class_names() const { return class_names_; }

  /// The same samples with other features, such as standardised ones. Throws ShapeError if the
  /// number of rows differs.
  Dataset with_features(const Tensor& features) const;
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

  /// The rows in batches of `size` (0: all rows in one batch). The last one may be smaller.
  ///
  ///   for (const nn::Batch& batch : data.batches(32, {.shuffle = &random})) ...
  ///
  /// Batches share memory with the dataset, or are copies if rows are shuffled. All memory comes
  /// from the pool of arrays. Throws DomainError for a size < 0.
  Batches batches(std::int64_t size, const BatchOptions& options = {}) const;

 private:
  friend class Batches;
  Batch take(const Indices& rows) const;
  Batch take(std::int64_t first, std::int64_t count) const;
  Dataset with(Batch batch) const;

  Tensor features_, targets_;
  Indices labels_;
  std::vector<std::string> class_names_;
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

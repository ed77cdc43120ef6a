// Datasets: samples in memory, and the batches that training takes them in.
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
  Tensor x;        ///< their features [n, ...]
  Tensor y;        ///< their targets [n, ...]; none if there are labels
  Indices labels;  ///< their labels [n]; empty if there are targets
  Indices rows;    ///< which rows of the dataset they are, [n], to look up whatever else there is

  std::int64_t size() const { return rows.size(); }
};

struct BatchOptions {
  bool drop_last = false;     ///< leave out the rows that do not fill the last batch
  Random* shuffle = nullptr;  ///< takes the rows in an order drawn from this stream
};

/// Which columns of a table are what, by their names.
struct CsvColumns {
  std::vector<std::string> features = {};  ///< every column that is nothing else, if empty
  std::vector<std::string> targets = {};   ///< numbers to predict: targets of shape [n, targets]
  /// The column of classes. Whole numbers from 0 on are the labels themselves; otherwise any texts
  /// are the names of classes, which are numbered in the order of the alphabet.
  std::string label = {};
  CsvOptions csv = {};
  DType dtype = DType::float64;
};

/// Samples: a row of features for each and, as what shall be predicted, a row of targets or a
/// label. A value; copies share the numbers.
class Dataset {
 public:
  /// No samples; may be assigned to.
  Dataset() = default;
  /// Features [n, ...] and targets [n, ...], which become row-major constants. Throws ShapeError if
  /// the numbers of rows differ, or a tensor is of rank 0.
  Dataset(const Tensor& features, const Tensor& targets);
  /// Features [n, ...] and labels [n], not negative. Throws ShapeError, too, for a label below 0.
  Dataset(const Tensor& features, Indices labels, std::vector<std::string> class_names = {});

  /// A table in a file. Throws FormatError, naming file, line and column, for a field that is no
  /// number, and if a column is not there; DomainError unless there are targets or a label.
  static Dataset from_csv(const std::string& path, const CsvColumns& columns);
  static Dataset from_csv(const Csv& table, const CsvColumns& columns);
  /// Images and labels as MNIST has them, compressed with gzip or not: features [n, rows, columns],
  /// bytes divided by 255. Throws FormatError unless one has a label for each image of the other.
  static Dataset from_idx(const std::string& images, const std::string& labels,
                          DType dtype = DType::float32);
  /// Arrays of NumPy. A file of whole numbers of rank 1 holds labels, any other targets.
  static Dataset from_npy(const std::string& features, const std::string& targets);

  std::int64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const Tensor& features() const { return features_; }
  bool has_labels() const { return targets_.value().is_null(); }
  /// Throw DomainError if it has the other.
  const Tensor& targets() const;
  const Indices& labels() const;
  /// The number of classes: of names, or else the largest label and 1.
  std::int64_t classes() const;
  const std::vector<std::string>& class_names() const { return class_names_; }

  /// The same samples with other features, such as standardised ones.
  Dataset with_features(const Tensor& features) const;
  /// Some rows, in that order. Throws ShapeError for one that is not there.
  Dataset rows(const Indices& rows) const;
  /// The rows from `first` on, `count` of them; their numbers are shared. Throws ShapeError.
  Dataset rows(std::int64_t first, std::int64_t count) const;
  /// All rows in random order.
  Dataset shuffled(Random& random) const;
  /// Two parts of the rows in random order, the first of which has this part of them (to the
  /// nearest row). Throws DomainError unless the fraction is in [0, 1].
  std::pair<Dataset, Dataset> split(double fraction, Random& random) const;
  /// Parts of these sizes, of rows in random order. Throws ShapeError if there are fewer rows.
  std::vector<Dataset> split(const std::vector<std::int64_t>& sizes, Random& random) const;
  std::vector<Dataset> split(std::initializer_list<std::int64_t> sizes, Random& random) const {
    return split(std::vector<std::int64_t>(sizes), random);  // {5} is a size, not a fraction
  }

  /// The rows in batches of `size` (0: one of all), the last of which may be smaller:
  ///
  ///   for (const nn::Batch& batch : data.batches(32, {.shuffle = &random})) ...
  ///
  /// In the order of the dataset a batch shares its numbers, in random order it is a copy; neither
  /// allocates anything beyond what the pool of arrays holds. Throws DomainError for a size < 0.
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

/// What a loop over the batches of a dataset runs through. It keeps what it needs of the dataset.
class Batches {
 public:
  /// How many there are.
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

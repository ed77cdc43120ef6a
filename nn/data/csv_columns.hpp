// CsvColumns: what the columns of a table are for, and how its texts become numbers.
#pragma once

#include <string>
#include <vector>

#include "autodiff/graphs.hpp"
#include "nn/data/csv.hpp"
#include "nn/model/state.hpp"

namespace chainrule::nn {

/// What becomes of a feature that is missing: an empty field, or one of CsvOptions::missing.
enum class Missing {
  error,  ///< reading fails
  fill,   ///< it is a number: see CsvColumns::fill
  mean,   ///< it is the mean of the numbers in its column
  drop,   ///< its row is left out
};

/// The roles of the columns of a table, by name.
///
///   const nn::Dataset training = nn::Dataset::from_csv("train.csv", {.label = "species"});
///   const nn::Dataset test = nn::Dataset::from_csv("test.csv", training.csv_columns());
struct CsvColumns {
  std::vector<std::string> features = {};  ///< if empty, all columns without another role
  std::vector<std::string> targets = {};   ///< numbers to predict: targets of shape [n, targets]
  std::string label = {};                  ///< the column of class labels
  /// The classes: a label is the position of its text here; any other text is an error. Without
  /// them, labels that are all integers >= 0 stay as they are. Other labels are the names of
  /// classes, which are numbered in this order: numbers by size, then texts by alphabet.
  std::vector<std::string> class_names = {};
  /// Without class names: any label that is no integer >= 0 is an error. A training set with such
  /// labels sets it, so that a second file cannot number other labels anew.
  bool integer_labels = false;
  std::string weights = {};             ///< the column of the weights of the rows: numbers >= 0
  std::vector<std::string> extra = {};  ///< further columns of whole numbers, such as ids

  Missing missing = Missing::error;
  /// With Missing::fill: one number for all features, or one for each of them.
  std::vector<double> fill = {};
  bool drop_unlabelled = false;  ///< leave out rows without target or label; else this is an error

  CsvOptions csv = {};  ///< used when reading a file
  DType dtype = DType::float64;

  /// The same for rows whose targets or labels are not known, to predict them: without the columns
  /// of targets, labels, weights and the extra ones.
  CsvColumns features_only() const;

  /// What reading another file of this kind needs, for a checkpoint: the names of features, targets
  /// and classes, the label, what is filled in, and the options of the table.
  State state() const;
  /// Restores them. Throws FormatError, and changes nothing, unless state() made them.
  void set_state(const State& state);
};

}  // namespace chainrule::nn

// CsvColumns: what the columns of a table are for.
#pragma once

#include <string>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "nn/data/csv.hpp"

namespace chainrule::nn {

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

}  // namespace chainrule::nn

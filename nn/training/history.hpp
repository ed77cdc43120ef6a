// History: the measurements of a training run, epoch by epoch.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nn/training/reading.hpp"

namespace chainrule::nn {

/// A table with one row per epoch and one named column per measurement.
class History {
 public:
  /// Appends the row of an epoch. A new name adds a column, filled with NaN for earlier epochs. A
  /// column without a value in this row gets NaN. Throws DomainError, and changes nothing, if a
  /// name is empty or appears twice.
  void append(const Readings& row);

  /// The number of epochs.
  std::size_t size() const { return size_; }
  /// The names of the columns, in the order of their first appearance.
  const std::vector<std::string>& names() const { return names_; }
  bool has(std::string_view name) const;
  /// The values of a column, one per epoch. Throws DomainError if there is no such column.
  std::span<const double> operator[](std::string_view name) const;

  /// The table as CSV: a header with `epoch` and the names, then a line per epoch, counted from 1.
  /// Numbers have the fewest digits with which they are read back exactly; NaN is `nan`.
  std::string csv() const;
  /// Writes csv() to a file, which is replaced as a whole or not at all. Throws FormatError if it
  /// cannot be written.
  void write_csv(const std::string& path) const;
  /// Reads a file that write_csv() wrote, or any other table of numbers with a header. A column
  /// `epoch` is ignored. Throws FormatError, which names path, line and column, as nn::read_csv()
  /// does.
  static History read_csv(const std::string& path);

  /// The columns as curves in an SVG picture. Each has a panel, shared by a measurement of the
  /// training set and that of the validation set (`val_`). `seconds` and a constant learning rate
  /// are omitted. The scale of a loss is logarithmic if its values are positive and span more than
  /// a factor of 100.
  std::string svg() const;
  /// Writes svg() to a file, which is replaced as a whole or not at all. Throws FormatError if it
  /// cannot be written.
  void plot(const std::string& path) const;

 private:
  std::vector<std::string> names_;
  std::vector<std::vector<double>> columns_;
  std::size_t size_ = 0;
};

}  // namespace chainrule::nn

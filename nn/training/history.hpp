// What a training run has measured, epoch by epoch.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nn/training/reading.hpp"

namespace chainrule::nn {

/// A table: a row per epoch, a named column per number.
class History {
 public:
  /// Adds the row of one epoch. A name that was not there before begins a column, with NaN for the
  /// epochs before; a column that the row does not name gets NaN. Throws DomainError, and changes
  /// nothing, if a name is empty or there twice.
  void append(const Readings& row);

  /// The number of epochs.
  std::size_t size() const { return size_; }
  /// The names of the columns, in the order of their first appearance.
  const std::vector<std::string>& names() const { return names_; }
  bool has(std::string_view name) const;
  /// All numbers of a column, one per epoch. Throws DomainError if there is none of that name.
  std::span<const double> operator[](std::string_view name) const;

  /// Comma-separated: a first line with `epoch` and the names, then a line per epoch, counted from
  /// 1. Numbers have as many digits as it takes to read the same ones back; NaN is `nan`.
  std::string csv() const;
  /// Writes that to a file, which is either whole or as it was before. Throws FormatError if the
  /// path cannot be written.
  void write_csv(const std::string& path) const;
  /// Reads what write_csv() wrote, or any table of numbers with a header; a column `epoch` is left
  /// out. Throws FormatError, naming path, line and column.
  static History read_csv(const std::string& path);

  /// The curves as an SVG picture: a panel for each number, the one of the validation set (`val_`)
  /// in the same panel as the other; `seconds` has none, nor has a learning rate that never
  /// changes. The scale of a loss is logarithmic where its values are positive and span more than a
  /// factor of 100.
  std::string svg() const;
  /// Writes that to a file, which is either whole or as it was before. Throws FormatError if the
  /// path cannot be written.
  void plot(const std::string& path) const;

 private:
  std::vector<std::string> names_;
  std::vector<std::vector<double>> columns_;
  std::size_t size_ = 0;
};

}  // namespace chainrule::nn

// TableReader: the parts of a dataset that a table has.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "nn/data/csv.hpp"
#include "nn/data/csv_columns.hpp"

namespace chainrule::nn::detail {

/// Converts the columns of a table to tensors and indices, without the rows that are left out.
class TableReader {
 public:
  /// Finds the columns and chooses the rows. Throws DomainError if the roles contradict each other,
  /// FormatError for columns that do not exist.
  TableReader(const Csv& table, CsvColumns columns);

  Tensor features();  ///< also determines what is filled in
  Tensor targets() const;
  Indices labels();  ///< also determines the classes
  Tensor weights() const;
  Indices whole_numbers(const std::string& name) const;

  /// The rows of the table that are not left out.
  Indices rows() const;
  std::int64_t dropped() const;
  /// With the names of all features, the classes, and the numbers that were filled in.
  const CsvColumns& columns() const { return columns_; }

 private:
  struct Numbers {
    std::vector<double> values;     // row-major
    std::vector<std::size_t> gaps;  // the positions of missing ones among them
  };
  Numbers numbers(const std::vector<std::size_t>& columns) const;
  std::vector<double> means(const Numbers& found) const;
  Tensor tensor_of(std::vector<double> values, const std::vector<std::size_t>& columns) const;

  struct Class {
    std::string_view text;
    std::size_t row;  // the first one
    std::int64_t label;
  };
  /// Sets the labels of the classes that the rows have.
  void number(std::vector<Class>& classes);
  std::vector<std::string> ordered_names(const std::vector<Class>& classes) const;

  const Csv& table_;
  CsvColumns columns_;
  std::vector<std::size_t> features_, targets_;
  std::optional<std::size_t> label_;
  std::vector<std::size_t> rows_;
};

}  // namespace chainrule::nn::detail

// Parses any bytes as a CSV table and makes a dataset of it: this succeeds or throws FormatError,
// and the properties of the table and the dataset are consistent.
#pragma once

#include <cmath>
#include <stdexcept>
#include <string>
#include <string_view>

#include "autodiff/core/error.hpp"
#include "nn/data/csv.hpp"
#include "nn/data/dataset.hpp"

namespace chainrule::fuzz {

inline void require(bool holds, const char* what) {
  if (!holds) throw std::logic_error(what);
}

/// Writing a table and reading it again must give the same table.
inline void check_written(const nn::Csv& table) {
  nn::CsvOptions options = table.options();
  options.skip_lines = 0;
  options.accept_numeric_names = true;
  std::string text;
  const auto append_row = [&](auto field) {
    for (std::size_t i = 0; i < table.columns(); ++i) {
      if (i > 0) text += options.separator;
      const std::string plain = field(i), written = nn::csv_field(plain, options.separator);
      // An empty line and a comment would be skipped.
      const bool needs_quotes = plain.empty() || (i == 0 && plain.front() == options.comment);
      text += needs_quotes && written == plain ? '"' + plain + '"' : written;
    }
    text += '\n';
  };
  if (options.header) append_row([&](std::size_t i) { return table.names()[i]; });
  for (std::size_t row = 0; row < table.rows(); ++row)
    append_row([&](std::size_t i) { return std::string(table.text(row, i)); });
  if (text.empty()) return;
  const nn::Csv again = nn::parse_csv(text, options);
  require(again.names() == table.names() && again.rows() == table.rows(), "another shape");
  for (std::size_t row = 0; row < table.rows(); ++row)
    for (std::size_t i = 0; i < table.columns(); ++i)
      require(again.text(row, i) == table.text(row, i), "another text");
}

/// A dataset has as many rows of each part, and is read again with the columns it names.
inline void check_dataset(const nn::Csv& table, const nn::CsvColumns& columns) {
  try {
    const nn::Dataset data = nn::Dataset::from_csv(table, columns);
    const auto rows = static_cast<std::int64_t>(table.rows());
    require(data.size() + data.dropped_rows() == rows, "lost rows");
    require(data.origin().size() == data.size(), "another number of origins");
    for (const std::int64_t row : data.origin()) require(row >= 0 && row < rows, "no such row");
    if (data.has_labels()) data.labels().check_range(data.classes(), "fuzz");
    const nn::Dataset again = nn::Dataset::from_csv(table, data.csv_columns());
    again.check_like(data, "the same table");
    require(again.size() == data.size(), "another number of rows");
    require(to_vector(again.features()).size() == to_vector(data.features()).size(), "a size");
    if (data.has_labels())
      require(again.labels().to_vector() == data.labels().to_vector(), "other labels");
    nn::CsvColumns restored = data.csv_columns();
    restored.set_state(restored.state());
    require(restored.features == data.feature_names(), "other names of features");
    require(restored.class_names == data.class_names(), "other names of classes");
  } catch (const FormatError&) {
  }
}

/// The first byte selects the options.
inline void csv(std::string_view bytes) {
  const unsigned choice = bytes.empty() ? 0 : static_cast<unsigned char>(bytes.front());
  if (!bytes.empty()) bytes.remove_prefix(1);
  nn::CsvOptions options{.separator = choice & 1 ? ';' : ',',
                         .header = (choice & 2) == 0,
                         .rename_duplicates = (choice & 8) != 0,
                         .accept_numeric_names = (choice & 16) != 0,
                         .skip_lines = choice & 32 ? 1 : 0,
                         .comment = choice & 64 ? '#' : '\0',
                         .accept_non_finite = (choice & 4) != 0};
  if ((choice & 128) != 0) options.missing = {"NA", "?", "nan"};
  if ((choice & 129) == 129) options.decimal = ',';
  try {
    const nn::Csv table = nn::parse_csv(bytes, options);
    require(table.columns() > 0, "a table without columns");
    for (std::size_t i = 0; i < table.columns(); ++i)
      require(table.column(table.names()[i]) == i, "a column is not found");
    check_written(table);
    const std::string &first = table.names().front(), &last = table.names().back();
    check_dataset(table, {.missing = nn::Missing::drop});
    check_dataset(table, {.label = last, .missing = nn::Missing::mean, .drop_unlabelled = true});
    check_dataset(table, {.targets = {last}, .missing = nn::Missing::fill, .fill = {0.5}});
    check_dataset(table, {.label = first, .missing = nn::Missing::drop, .dtype = DType::float32});
    check_dataset(table, {.weights = first, .extra = {last}});
    for (const double number : table.numbers())
      require(options.accept_non_finite || std::isfinite(number), "not finite");
  } catch (const FormatError&) {
  }
}

}  // namespace chainrule::fuzz

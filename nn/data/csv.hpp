// Tables as comma-separated text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "autodiff/core/files.hpp"

namespace chainrule::nn {

struct CsvOptions {
  char separator = ',';  ///< any character but a quote, CR, LF or NUL
  bool header = true;    ///< the first row has the names; else the columns are "1", "2", ...
  bool accept_non_finite = false;  ///< numbers() accepts `inf` and `nan`; else they are errors
};

/// A table of text fields, whose columns can be converted to numbers.
///
/// RFC 4180: the separator separates fields; CRLF, LF or CR separate rows. A field in double quotes
/// may contain these, and doubled quotes. A byte order mark and empty lines are skipped. Spaces
/// around names are removed; a column with an empty name is named by its number, counted from 1.
class Csv {
 public:
  const std::vector<std::string>& names() const { return names_; }
  std::size_t rows() const { return lines_.size(); }
  std::size_t columns() const { return names_.size(); }
  bool has(std::string_view name) const;
  /// The index of a column, from 0. Throws FormatError, which lists the names, if there is none.
  std::size_t column(std::string_view name) const;

  /// The text of a field, without its quotes. Precondition: row and column, counted from 0, exist.
  std::string_view text(std::size_t row, std::size_t column) const;
  /// The texts of a column. Throws FormatError if there is no column of that name.
  std::vector<std::string_view> text(std::string_view name) const;

  /// The numbers of all columns, or of the named ones in that order, as a row-major matrix with
  /// rows() rows, parsed by parse_number(). Throws FormatError, which names file, line and column,
  /// for a field that is empty or not a number, for one that is infinite or NaN unless the options
  /// accept it, and if there is no column of a name.
  std::vector<double> numbers() const;
  std::vector<double> numbers(std::span<const std::string> names) const;
  std::vector<double> numbers(std::string_view name) const;

  /// Reports an invalid field: throws FormatError, which names file, line and column.
  [[noreturn]] void fail(std::size_t row, std::size_t column, std::string_view what) const;

 private:
  friend class CsvParser;
  std::vector<double> numbers_of(std::span<const std::size_t> columns) const;
  double number(std::size_t row, std::size_t column) const;

  std::string file_;
  CsvOptions options_;
  std::vector<std::string> names_;
  std::string texts_;               // all fields, concatenated
  std::vector<std::size_t> ends_;   // the end of each field in texts_
  std::vector<std::size_t> lines_;  // the line on which each row begins
};

/// Parses text; messages call it `name`. Throws FormatError, which names file and line, if rows
/// have different numbers of fields, a quote is not closed or misplaced, a name appears twice, or
/// the text is empty or contains NUL bytes. Memory: the size of the text and 8 bytes per field.
Csv parse_csv(std::string_view text, const CsvOptions& options = {},
              const std::string& name = "CSV text");
/// Parses a file, which may be compressed with gzip. Also throws FormatError as read_file() and
/// gunzip() do.
Csv read_csv(const std::string& path, const CsvOptions& options = {},
             std::uint64_t max_bytes = max_file_bytes);

/// A field as it is written to a file: in quotes if it needs them.
std::string csv_field(std::string_view text, char separator = ',');

}  // namespace chainrule::nn

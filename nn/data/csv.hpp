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
  char separator = ',';  ///< any but a quote, CR, LF or NUL
  bool header = true;    ///< the first row holds names; else the columns are "1", "2", ...
  bool accept_non_finite = false;  ///< numbers() takes `inf` and `nan` as such, not as mistakes
};

/// A table of texts, of which columns can be had as numbers.
///
/// RFC 4180: fields are separated by the separator and rows by CRLF, LF or CR; a field in double
/// quotes may hold those, and quotes doubled. A byte order mark is passed over, and so are empty
/// lines. Names are trimmed of spaces; one that is empty is its number, counted from 1.
class Csv {
 public:
  const std::vector<std::string>& names() const { return names_; }
  std::size_t rows() const { return lines_.size(); }
  std::size_t columns() const { return names_.size(); }
  bool has(std::string_view name) const;
  /// The position of a column, from 0. Throws FormatError, which lists the names, if there is none.
  std::size_t column(std::string_view name) const;

  /// What stands in a field, without its quotes. Row and column count from 0 and must exist.
  std::string_view text(std::size_t row, std::size_t column) const;
  /// A whole column of texts. Throws FormatError if there is none of that name.
  std::vector<std::string_view> text(std::string_view name) const;

  /// The numbers of all columns, or of those named, in that order: row-major, rows() times as many.
  /// Numbers are read as parse_number() does, whatever the locale. Throws FormatError, naming file,
  /// line and column, for a field that is empty or no number, and for one that is infinite or NaN
  /// unless that was asked for; and if there is no column of a name.
  std::vector<double> numbers() const;
  std::vector<double> numbers(std::span<const std::string> names) const;
  std::vector<double> numbers(std::string_view name) const;

  /// For who finds a field wrong: throws FormatError, naming file, line and column.
  [[noreturn]] void fail(std::size_t row, std::size_t column, std::string_view what) const;

 private:
  friend class CsvParser;
  std::vector<double> numbers_of(std::span<const std::size_t> columns) const;
  double number(std::size_t row, std::size_t column) const;

  std::string file_;
  CsvOptions options_;
  std::vector<std::string> names_;
  std::string texts_;               // of all fields, one after the other
  std::vector<std::size_t> ends_;   // of each field in it
  std::vector<std::size_t> lines_;  // on which each row begins
};

/// Parses text; `name` is what messages call it. Throws FormatError, naming file and line, if a row
/// has more or fewer fields than the first, a quote is not closed or stands where it must not, a
/// name is there twice, or there is nothing, or no text (NUL bytes). Memory: the text's size and 8
/// bytes for each field.
Csv parse_csv(std::string_view text, const CsvOptions& options = {},
              const std::string& name = "CSV text");
/// The same of a file, compressed with gzip or not. Throws FormatError as read_file() does, too.
Csv read_csv(const std::string& path, const CsvOptions& options = {},
             std::uint64_t most = most_file_bytes);

/// A field as it has to be written: in quotes if it needs them.
std::string csv_field(std::string_view text, char separator = ',');

}  // namespace chainrule::nn

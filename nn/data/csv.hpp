// Tables as comma-separated text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "autodiff/core/files.hpp"

namespace chainrule::nn {

struct CsvOptions {
  /// Any character but a quote, CR, LF or NUL. A first line such as `sep=;`, which Excel reads and
  /// some programs write, is not part of the table and replaces it.
  char separator = ',';
  bool header = true;  ///< the first row has the names; else the columns are "1", "2", ...
  std::vector<std::string> names = {};  ///< names of the columns, instead of those in the file
  bool rename_duplicates = false;       ///< make x, x the names "x", "x.1"; else this is an error
  /// Accept a header of numbers only, such as 0.5,0.9. Else it is an error, because such a row is
  /// usually the first one of a table without a header. Whole numbers are always accepted.
  bool accept_numeric_names = false;

  std::int64_t skip_lines = 0;  ///< lines before the table, which are not read
  char comment = '\0';          ///< lines that begin with this character are skipped, if not NUL

  char decimal = '.';  ///< '.' or ','; a comma needs another separator
  /// Texts that mean a missing value, such as "NA" or "?". An empty field always does.
  std::vector<std::string> missing = {};
  bool accept_non_finite = false;  ///< accept `inf` and `nan` as numbers; else they are errors
};

/// A table of text fields, whose columns can be converted to numbers.
///
/// RFC 4180: the separator separates fields; CRLF, LF or CR separate rows. A field in double quotes
/// may contain these, and doubled quotes. A byte order mark and empty lines are skipped. Spaces
/// around names are removed; a column with an empty name is named by its number, counted from 1.
/// If every line ends with a separator, header included, there is no column after it, unless the
/// options name one.
class Csv {
 public:
  const std::vector<std::string>& names() const { return names_; }
  std::size_t rows() const { return lines_.size(); }
  std::size_t columns() const { return names_.size(); }
  const std::string& file() const { return file_; }  ///< the name for messages
  /// The options it was parsed with, and the separator that the file itself names.
  const CsvOptions& options() const { return options_; }
  bool has(std::string_view name) const;
  /// The index of a column, from 0. Throws FormatError, which lists the names, if there is none.
  /// Cost: logarithmic in the number of columns.
  std::size_t column(std::string_view name) const;
  /// The indices of several columns. Throws FormatError, which names all that do not exist.
  std::vector<std::size_t> column(std::span<const std::string> names) const;

  /// The text of a field, without its quotes. Precondition: row and column, counted from 0, exist.
  std::string_view text(std::size_t row, std::size_t column) const;
  /// The texts of a column. Throws FormatError if there is no column of that name.
  std::vector<std::string_view> text(std::string_view name) const;

  /// Whether a field is empty or one of CsvOptions::missing, without spaces around it.
  bool is_missing(std::size_t row, std::size_t column) const;
  /// The number in a field; std::nullopt if the field is missing. Throws FormatError, which names
  /// file, line and column, if it is not a number, and if it is infinite or NaN unless the options
  /// accept it.
  std::optional<double> number(std::size_t row, std::size_t column) const;
  /// The numbers of all columns, or of the named ones in that order, as a row-major matrix with
  /// rows() rows. Throws FormatError as number() does, for a missing number, and if there is no
  /// column of a name.
  std::vector<double> numbers() const;
  std::vector<double> numbers(std::span<const std::string> names) const;
  std::vector<double> numbers(std::string_view name) const;

  /// The number that a text is in this table, with its decimal sign: see parse_number().
  std::optional<double> parsed(std::string_view text) const;
  /// Reports an invalid field: throws FormatError, which names file, line and column.
  [[noreturn]] void fail(std::size_t row, std::size_t column, std::string_view what) const;

 private:
  friend class CsvParser;
  std::vector<double> numbers_of(std::span<const std::size_t> columns) const;
  std::optional<std::size_t> find(std::string_view name) const;
  [[noreturn]] void fail_without(const std::vector<std::string_view>& names) const;

  std::string file_;
  CsvOptions options_;
  std::vector<std::string> names_;
  std::vector<std::size_t> by_name_;  // the columns in the order of their names, to find them
  std::string texts_;                 // all fields, concatenated
  std::vector<std::size_t> ends_;     // the end of each field in texts_
  std::vector<std::size_t> lines_;    // the line on which each row begins
};

/// Parses text; messages call it `name`. Throws FormatError, which names file and line, if rows
/// have different numbers of fields, a quote is not closed or misplaced, a name appears twice, the
/// header looks like data, or the text is empty or contains NUL bytes; DomainError for options that
/// contradict each other. Memory: the size of the text and 8 bytes per field.
Csv parse_csv(std::string_view text, const CsvOptions& options = {},
              const std::string& name = "CSV text");
/// Parses a file, which may be compressed with gzip. Also throws FormatError as read_file() and
/// gunzip() do.
Csv read_csv(const std::string& path, const CsvOptions& options = {},
             std::uint64_t max_bytes = max_file_bytes);

/// A field as it is written to a file: in quotes if it needs them.
std::string csv_field(std::string_view text, char separator = ',');

}  // namespace chainrule::nn

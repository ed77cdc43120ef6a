#include "nn/data/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <numeric>
#include <stdexcept>

#include "autodiff/core/error.hpp"
#include "nn/io/gzip.hpp"
#include "nn/io/number.hpp"

namespace chainrule::nn {
namespace {

/// A field for messages: shortened, without control characters.
std::string shown(std::string_view text) {
  constexpr std::size_t max_length = 40;
  std::string result(text.substr(0, max_length));
  for (char& c : result)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return text.size() > max_length ? result + "..." : result;
}

std::string trimmed(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t");
  if (start == text.npos) return "";
  return std::string(text.substr(start, text.find_last_not_of(" \t") - start + 1));
}

}  // namespace

/// Parses the text in one pass, row by row.
class CsvParser {
 public:
  CsvParser(std::string_view text, const CsvOptions& options, const std::string& name)
      : rest_(text) {
    table_.options_ = options;
    table_.file_ = name;
    const char separator = options.separator;
    if (separator == '"' || separator == '\r' || separator == '\n' || separator == '\0')
      throw FormatError(
          fmt::format("{}: a quote, line end or NUL cannot be the separator of a table", name));
  }

  Csv run() && {
    if (rest_.starts_with("\xff\xfe") || rest_.starts_with("\xfe\xff"))
      fail("this is UTF-16; save it as UTF-8");
    if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);
    if (rest_.find('\0') != rest_.npos) fail("it contains NUL bytes: this is not plain text");
    table_.texts_.reserve(rest_.size());
    bool first = true;
    while (skip_empty_lines()) {
      const std::size_t line = line_;
      row();
      const std::size_t count = table_.ends_.size() - row_start_;
      if (first) {
        first = false;
        name_columns(count);
        if (table_.options_.header) continue;
      }
      if (count != table_.columns())
        fail_at(line, fmt::format("{} where there must be {}, as in the first row",
                                  count == 1 ? "1 field" : fmt::format("{} fields", count),
                                  table_.columns()));
      table_.lines_.push_back(line);
      row_start_ = table_.ends_.size();
    }
    if (first) fail("it is empty");
    return std::move(table_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw FormatError(fmt::format("{}: {}", table_.file_, what));
  }
  [[noreturn]] void fail_at(std::size_t line, const std::string& what) const {
    fail(fmt::format("line {}: {}", line, what));
  }

  /// Skips a line end, if there is one.
  bool line_end() {
    if (rest_.empty() || (rest_.front() != '\n' && rest_.front() != '\r')) return false;
    rest_.remove_prefix(rest_.starts_with("\r\n") ? 2 : 1);
    ++line_;
    return true;
  }
  /// Whether text is left after them.
  bool skip_empty_lines() {
    while (line_end()) continue;
    return !rest_.empty();
  }

  void row() {
    while (true) {
      if (!rest_.empty() && rest_.front() == '"')
        quoted_field();
      else
        plain_field();
      table_.ends_.push_back(table_.texts_.size());
      if (rest_.empty() || line_end()) return;
      rest_.remove_prefix(1);  // the separator
    }
  }

  void plain_field() {
    const char separator = table_.options_.separator;
    const auto is_end = [separator](char c) {
      return c == separator || c == '\n' || c == '\r' || c == '"';
    };
    const auto end = std::find_if(rest_.begin(), rest_.end(), is_end);
    const std::size_t length = static_cast<std::size_t>(end - rest_.begin());
    table_.texts_ += rest_.substr(0, length);
    rest_.remove_prefix(length);
    if (!rest_.empty() && rest_.front() == '"')
      fail_at(
          line_,
          "a quote within a field: quotes go around the whole field, without spaces before them, "
          "and are doubled within");
  }

  void quoted_field() {
    const std::size_t start = line_;
    while (true) {
      rest_.remove_prefix(1);  // the quote
      const std::size_t length = rest_.find('"');
      if (length == rest_.npos) fail_at(start, "the quote that opens a field here is never closed");
      const std::string_view piece = rest_.substr(0, length);
      table_.texts_ += piece;
      line_ += static_cast<std::size_t>(std::count(piece.begin(), piece.end(), '\n'));
      rest_.remove_prefix(length + 1);
      if (rest_.empty() || rest_.front() != '"') break;
      table_.texts_ += '"';
    }
    if (!rest_.empty() && rest_.front() != table_.options_.separator && rest_.front() != '\n' &&
        rest_.front() != '\r')
      fail_at(line_, "there is text after the closing quote of a field");
  }

  /// Makes the fields of the first row the names of the columns, or names the columns by numbers.
  void name_columns(std::size_t count) {
    std::size_t start = 0;
    for (std::size_t i = 0; i < count; ++i) {
      std::string name;
      if (table_.options_.header) {
        name = trimmed(std::string_view(table_.texts_).substr(start, table_.ends_[i] - start));
        start = table_.ends_[i];
      }
      table_.names_.push_back(name.empty() ? std::to_string(i + 1) : std::move(name));
    }
    std::vector<std::string_view> sorted(table_.names_.begin(), table_.names_.end());
    std::sort(sorted.begin(), sorted.end());
    const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
    if (twice != sorted.end()) fail(fmt::format("two columns have the name '{}'", shown(*twice)));
    if (table_.options_.header) {
      table_.texts_.clear();
      table_.ends_.clear();
    }
  }

  std::string_view rest_;
  std::size_t line_ = 1;       // of the rest
  std::size_t row_start_ = 0;  // the first field of this row
  Csv table_;
};

bool Csv::has(std::string_view name) const {
  return std::find(names_.begin(), names_.end(), name) != names_.end();
}

std::size_t Csv::column(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end())
    throw FormatError(fmt::format("{}: there is no column '{}'; the columns are {}", file_,
                                  shown(name), fmt::join(names_, ", ")));
  return static_cast<std::size_t>(found - names_.begin());
}

std::string_view Csv::text(std::size_t row, std::size_t column) const {
  const std::size_t field = row * columns() + column;
  const std::size_t start = field == 0 ? 0 : ends_[field - 1];
  return std::string_view(texts_).substr(start, ends_[field] - start);
}

std::vector<std::string_view> Csv::text(std::string_view name) const {
  const std::size_t at = column(name);
  std::vector<std::string_view> result(rows());
  for (std::size_t row = 0; row < rows(); ++row) result[row] = text(row, at);
  return result;
}

double Csv::number(std::size_t row, std::size_t column) const {
  const std::string_view field = text(row, column);
  const std::optional<double> value = parse_number(field);
  if (value && (std::isfinite(*value) || options_.accept_non_finite)) return *value;
  std::string what;
  if (trimmed(field).empty())
    what = "a number is missing";
  else if (value)
    what = fmt::format("'{}' is not finite; accept_non_finite takes such numbers", shown(field));
  else
    what = fmt::format("'{}' is not a number, or is too large", shown(field));
  fail(row, column, what);
}

void Csv::fail(std::size_t row, std::size_t column, std::string_view what) const {
  std::size_t line = lines_[row];  // plus the line ends within earlier fields of the row
  for (std::size_t i = 0; i < column; ++i) {
    const std::string_view before = text(row, i);
    line += static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  }
  throw FormatError(
      fmt::format("{}: line {}, column '{}': {}", file_, line, shown(names_[column]), what));
}

std::vector<double> Csv::numbers_of(std::span<const std::size_t> columns) const {
  std::vector<double> result;
  result.reserve(rows() * columns.size());
  for (std::size_t row = 0; row < rows(); ++row)
    for (const std::size_t column : columns) result.push_back(number(row, column));
  return result;
}

std::vector<double> Csv::numbers() const {
  std::vector<std::size_t> all(columns());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return numbers_of(all);
}

std::vector<double> Csv::numbers(std::span<const std::string> names) const {
  std::vector<std::size_t> wanted;
  for (const std::string& name : names) wanted.push_back(column(name));
  return numbers_of(wanted);
}

std::vector<double> Csv::numbers(std::string_view name) const {
  const std::size_t wanted = column(name);
  return numbers_of({&wanted, 1});
}

Csv parse_csv(std::string_view text, const CsvOptions& options, const std::string& name) try {
  return CsvParser(text, options, name).run();
} catch (const std::bad_alloc&) {
  throw FormatError(fmt::format("cannot read {}: its fields do not fit into memory", name));
} catch (const std::length_error&) {
  throw FormatError(fmt::format("cannot read {}: its fields do not fit into memory", name));
}

Csv read_csv(const std::string& path, const CsvOptions& options, std::uint64_t max_bytes) {
  std::string bytes = read_file(path, max_bytes);
  if (is_gzip(bytes)) bytes = gunzip(bytes, max_bytes, path);
  return parse_csv(bytes, options, path);
}

std::string csv_field(std::string_view text, char separator) {
  const char special[] = {separator, '"', '\r', '\n'};
  // A field that begins like a byte order mark is quoted: it may be the first of a file.
  const bool marked = text.find_first_of("\xef\xfe\xff") == 0;
  if (!marked && text.find_first_of(std::string_view(special, 4)) == text.npos)
    return std::string(text);
  std::string result = "\"";
  for (const char c : text) result += c == '"' ? std::string("\"\"") : std::string(1, c);
  return result + '"';
}

}  // namespace chainrule::nn

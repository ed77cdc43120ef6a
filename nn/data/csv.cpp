#include "nn/data/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "autodiff/core/error.hpp"
#include "nn/data/csv_text.hpp"
#include "nn/io/gzip.hpp"
#include "nn/io/number.hpp"
#include "nn/io/shown.hpp"

namespace chainrule::nn {
namespace {

using namespace detail;

/// Whether programs write this text for a missing value.
bool looks_missing(std::string_view text) {
  for (const std::string_view known :
       {"NA", "N/A", "n/a", "na", "NaN", "nan", "NAN", "null", "NULL", "None", "?", "-"})
    if (text == known) return true;
  return false;
}

}  // namespace

// ---- Columns ------------------------------------------------------------------------------------

std::optional<std::size_t> Csv::find(std::string_view name) const {
  const auto found =
      std::lower_bound(by_name_.begin(), by_name_.end(), name,
                       [&](std::size_t i, std::string_view wanted) { return names_[i] < wanted; });
  if (found == by_name_.end() || names_[*found] != name) return std::nullopt;
  return *found;
}

bool Csv::has(std::string_view name) const { return find(name).has_value(); }

std::size_t Csv::column(std::string_view name) const {
  const std::optional<std::size_t> found = find(name);
  if (!found) fail_without({name});
  return *found;
}

std::vector<std::size_t> Csv::column(std::span<const std::string> names) const {
  std::vector<std::size_t> columns;
  std::vector<std::string_view> absent;
  for (const std::string& name : names) {
    if (const std::optional<std::size_t> found = find(name))
      columns.push_back(*found);
    else
      absent.push_back(name);
  }
  if (!absent.empty()) fail_without(absent);
  return columns;
}

void Csv::fail_without(const std::vector<std::string_view>& names) const {
  const bool may_be_data = options_.header && options_.names.empty() &&
                           std::any_of(names_.begin(), names_.end(), [](const std::string& name) {
                             return parse_number(name).has_value();
                           });
  throw FormatError(fmt::format(
      "{}: there {} '{}'; the columns are {}{}", file_,
      names.size() == 1 ? "is no column" : "are no columns", listed(names), listed(names_),
      may_be_data ? ". If the file has no header, set header = false" : ""));
}

// ---- Fields -------------------------------------------------------------------------------------

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

bool Csv::is_missing(std::size_t row, std::size_t column) const {
  const std::string_view field = trimmed(text(row, column));
  return field.empty() || std::find(options_.missing.begin(), options_.missing.end(), field) !=
                              options_.missing.end();
}

std::optional<double> Csv::parsed(std::string_view text) const {
  if (options_.decimal == '.') return parse_number(text);
  if (text.find('.') != text.npos) return std::nullopt;
  std::string with_point(text);
  std::replace(with_point.begin(), with_point.end(), options_.decimal, '.');
  return parse_number(with_point);
}

std::optional<double> Csv::number(std::size_t row, std::size_t column) const {
  // Looks first for a number, the usual case. But a text for missing values may be a number.
  const std::string_view whole = text(row, column);
  if (!options_.missing.empty() && is_missing(row, column)) return std::nullopt;
  const std::optional<double> value = parsed(whole);
  if (value && (std::isfinite(*value) || options_.accept_non_finite)) return value;
  if (is_missing(row, column)) return std::nullopt;
  const std::string_view field = trimmed(whole);
  std::string what =
      value ? fmt::format("'{}' is not finite; accept_non_finite takes such numbers", shown(field))
            : fmt::format("'{}' is not a number, or is too large", shown(field));
  if (looks_missing(field))
    what +=
        fmt::format("{} CsvOptions::missing may list it as a missing value", value ? ", and" : ";");
  else if (field.find(options_.decimal == '.' ? ',' : '.') != field.npos)
    what += fmt::format("; the decimal sign is '{}': see CsvOptions::decimal", options_.decimal);
  fail(row, column, what);
}

void Csv::fail(std::size_t row, std::size_t column, std::string_view what) const {
  std::size_t line = lines_[row];  // plus the line ends within earlier fields of the row
  for (std::size_t i = 0; i < column; ++i) line += line_ends(text(row, i));
  throw FormatError(
      fmt::format("{}: line {}, column '{}': {}", file_, line, shown(names_[column]), what));
}

// ---- Numbers ------------------------------------------------------------------------------------

std::vector<double> Csv::numbers_of(std::span<const std::size_t> columns) const {
  std::vector<double> result;
  result.reserve(rows() * columns.size());
  for (std::size_t row = 0; row < rows(); ++row)
    for (const std::size_t column : columns) {
      const std::optional<double> value = number(row, column);
      if (!value) fail(row, column, "a number is missing");
      result.push_back(*value);
    }
  return result;
}

std::vector<double> Csv::numbers() const {
  std::vector<std::size_t> all(columns());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return numbers_of(all);
}

std::vector<double> Csv::numbers(std::span<const std::string> names) const {
  return numbers_of(column(names));
}

std::vector<double> Csv::numbers(std::string_view name) const {
  const std::size_t wanted = column(name);
  return numbers_of({&wanted, 1});
}

// ---- Files --------------------------------------------------------------------------------------

Csv read_csv(const std::string& path, const CsvOptions& options, std::uint64_t max_bytes) {
  std::string bytes = read_file(path, max_bytes);
  if (is_gzip(bytes)) bytes = gunzip(bytes, max_bytes, path);
  return parse_csv(bytes, options, path);
}

std::string csv_field(std::string_view text, char separator) {
  const char special[] = {separator, '"', '\r', '\n'};
  // A field that begins like a byte order mark, or like a line that names the separator, is quoted:
  // it may be the first of a file.
  const bool marked = text.find_first_of("\xef\xfe\xff") == 0 || text.starts_with("sep=");
  if (!marked && text.find_first_of(std::string_view(special, 4)) == text.npos)
    return std::string(text);
  std::string result = "\"";
  for (const char c : text) result += c == '"' ? std::string("\"\"") : std::string(1, c);
  return result + '"';
}

}  // namespace chainrule::nn

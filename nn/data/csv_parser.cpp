// From text to a table of fields.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <numeric>
#include <stdexcept>
#include <unordered_map>
#include <unordered_set>

#include "autodiff/core/error.hpp"
#include "nn/data/csv.hpp"
#include "nn/data/csv_text.hpp"
#include "nn/io/number.hpp"
#include "nn/io/shown.hpp"

namespace chainrule::nn {
namespace {

using namespace detail;

bool can_separate(char c) { return c != '"' && c != '\r' && c != '\n' && c != '\0'; }

/// Why the options contradict each other; empty if they do not.
std::string contradiction_in(const CsvOptions& o) {
  if (!can_separate(o.separator))
    return "a quote, line end or NUL cannot be the separator of a table";
  if (o.decimal != '.' && o.decimal != ',') return "the decimal sign must be '.' or ','";
  if (o.decimal == o.separator)
    return fmt::format("'{}' is both the separator and the decimal sign", o.decimal);
  if (o.comment == o.separator)
    return fmt::format("'{}' is both the separator and the start of a comment", o.comment);
  if (o.comment == '"' || o.comment == '\r' || o.comment == '\n')
    return "a quote or line end cannot begin a comment";
  return o.skip_lines < 0 ? "skip_lines is negative" : "";
}

bool is_whole(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

/// Appends .1, .2, ... to names that were there before, as pandas does.
void rename_duplicates(std::vector<std::string>& names) {
  std::unordered_set<std::string> taken(names.begin(), names.end());
  std::unordered_map<std::string, std::size_t> seen;
  for (std::string& name : names) {
    const auto [found, is_first] = seen.emplace(name, 0);
    if (is_first) continue;
    std::string renamed;
    do {
      renamed = fmt::format("{}.{}", name, ++found->second);
    } while (!taken.insert(renamed).second);
    name = std::move(renamed);
  }
}

}  // namespace

/// Parses the text in one pass, row by row.
class CsvParser {
 public:
  CsvParser(std::string_view text, const CsvOptions& options, const std::string& name)
      : rest_(text) {
    table_.options_ = options;
    table_.file_ = name;
    if (const std::string what = contradiction_in(options); !what.empty())
      throw DomainError(fmt::format("{}: {}", name, what));
  }

  Csv run() && {
    if (rest_.starts_with("\xff\xfe") || rest_.starts_with("\xfe\xff"))
      fail("this is UTF-16; save it as UTF-8");
    if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);
    if (rest_.find('\0') != rest_.npos) fail("it contains NUL bytes: this is not plain text");
    table_.texts_.reserve(rest_.size());
    for (std::int64_t i = 0; i < table_.options_.skip_lines && !rest_.empty(); ++i) skip_line();
    skip_empty_lines();
    separator_line();
    while (skip_empty_lines()) {
      const std::size_t line = line_, first = table_.ends_.size();
      row();
      const std::size_t count = table_.ends_.size() - first;
      if (width_ == 0) width_ = count;
      if (count != width_)
        fail_at(line,
                fmt::format("{} where there must be {}, as in the first row",
                            count == 1 ? "1 field" : fmt::format("{} fields", count), width_));
      all_end_with_separator_ = all_end_with_separator_ && ends_with_separator_;
      if (table_.options_.header && header_line_ == 0)
        take_header(line);
      else
        table_.lines_.push_back(line);
    }
    if (width_ == 0) fail("it is empty");
    if (all_end_with_separator_ && table_.options_.names.size() != width_) drop_last_column();
    name_columns();
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
  void skip_line() {
    rest_.remove_prefix(std::min(rest_.find_first_of("\r\n"), rest_.size()));
    line_end();
  }
  /// Skips comments, too. Whether text is left after them.
  bool skip_empty_lines() {
    const char comment = table_.options_.comment;
    while (true) {
      if (comment != '\0' && !rest_.empty() && rest_.front() == comment)
        skip_line();
      else if (!line_end())
        return !rest_.empty();
    }
  }

  /// Takes the separator from a line `sep=;`, if this is one.
  void separator_line() {
    constexpr std::string_view start = "sep=";
    const std::string_view line = rest_.substr(0, rest_.find_first_of("\r\n"));
    if (line.size() != start.size() + 1 || !line.starts_with(start) || !can_separate(line.back()))
      return;
    table_.options_.separator = line.back();
    if (const std::string what = contradiction_in(table_.options_); !what.empty())
      fail_at(line_, what);
    skip_line();
  }

  void row() {
    while (true) {
      ends_with_separator_ = false;
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
    ends_with_separator_ = length == 0;
  }

  void quoted_field() {
    const std::size_t start = line_;
    while (true) {
      rest_.remove_prefix(1);  // the quote
      const std::size_t length = rest_.find('"');
      if (length == rest_.npos) fail_at(start, "the quote that opens a field here is never closed");
      const std::string_view piece = rest_.substr(0, length);
      table_.texts_ += piece;
      line_ += line_ends(piece);
      rest_.remove_prefix(length + 1);
      if (rest_.empty() || rest_.front() != '"') break;
      table_.texts_ += '"';
    }
    if (!rest_.empty() && rest_.front() != table_.options_.separator && rest_.front() != '\n' &&
        rest_.front() != '\r')
      fail_at(line_, "there is text after the closing quote of a field");
  }

  void take_header(std::size_t line) {
    header_line_ = line;
    std::size_t start = 0;
    for (const std::size_t end : table_.ends_) {
      table_.names_.emplace_back(
          trimmed(std::string_view(table_.texts_).substr(start, end - start)));
      start = end;
    }
    table_.texts_.clear();
    table_.ends_.clear();
  }

  /// The last field of every row is empty, so the texts stay as they are.
  void drop_last_column() {
    if (width_ == 1) return;
    auto to = table_.ends_.begin();
    for (auto row = table_.ends_.begin(); row != table_.ends_.end();
         row += static_cast<std::ptrdiff_t>(width_))
      to = std::copy_n(row, width_ - 1, to);
    table_.ends_.erase(to, table_.ends_.end());
    if (!table_.names_.empty()) table_.names_.pop_back();
    --width_;
  }

  void name_columns() {
    const std::vector<std::string>& given = table_.options_.names;
    std::vector<std::string>& names = table_.names_;
    if (!given.empty() && given.size() != width_)
      fail(fmt::format("the options name {} columns, but there are {}", given.size(), width_));
    if (given.empty())
      check_names_are_no_data();
    else
      names = given;
    names.resize(width_);
    for (std::size_t i = 0; i < width_; ++i)
      if (names[i].empty()) names[i] = std::to_string(i + 1);
    if (table_.options_.rename_duplicates) rename_duplicates(names);
    std::vector<std::size_t>& order = table_.by_name_;
    order.resize(width_);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return names[a] != names[b] ? names[a] < names[b] : a < b;
    });
    const auto twice =
        std::adjacent_find(order.begin(), order.end(),
                           [&](std::size_t a, std::size_t b) { return names[a] == names[b]; });
    if (twice != order.end())
      fail(fmt::format(
          "two columns, {} and {}, have the name '{}'; rename_duplicates makes it '{}.1'{}",
          twice[0] + 1, twice[1] + 1, shown(names[*twice]), shown(names[*twice]),
          parse_number(names[*twice]) && header_line_ > 0
              ? ". If the file has no header, set header = false"
              : ""));
  }

  void check_names_are_no_data() const {
    const std::vector<std::string>& names = table_.names_;
    if (names.empty() || table_.options_.accept_numeric_names) return;
    const auto is_number = [&](const std::string& name) {
      const std::optional<double> number = table_.parsed(name);
      return number && std::isfinite(*number);
    };
    const auto fraction = std::find_if_not(names.begin(), names.end(), is_whole);
    if (fraction != names.end() && std::all_of(names.begin(), names.end(), is_number))
      fail_at(header_line_,
              fmt::format("all names of columns are numbers, such as '{}'. If the file has no "
                          "header, set header = false; else accept_numeric_names",
                          shown(*fraction)));
  }

  std::string_view rest_;
  std::size_t line_ = 1;                // of the rest
  std::size_t width_ = 0;               // the number of fields of each row; 0 before the first row
  std::size_t header_line_ = 0;         // 0: no header has been read
  bool ends_with_separator_ = false;    // the last row
  bool all_end_with_separator_ = true;  // all rows up to here
  Csv table_;
};

Csv parse_csv(std::string_view text, const CsvOptions& options, const std::string& name) try {
  return CsvParser(text, options, name).run();
} catch (const std::bad_alloc&) {
  throw FormatError(fmt::format("cannot read {}: its fields do not fit into memory", name));
} catch (const std::length_error&) {
  throw FormatError(fmt::format("cannot read {}: its fields do not fit into memory", name));
}

}  // namespace chainrule::nn

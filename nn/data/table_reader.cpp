#include "nn/data/table_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <unordered_set>

#include "autodiff/arrays.hpp"
#include "nn/data/csv_text.hpp"

namespace chainrule::nn::detail {
namespace {

/// An integer >= 0 that is written with at most nine digits and nothing else.
std::optional<std::int64_t> label_of(std::string_view text) {
  constexpr std::size_t max_digits = 9;
  if (text.empty() || text.size() > max_digits) return std::nullopt;
  std::int64_t label = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    label = 10 * label + (c - '0');
  }
  return label;
}

/// A whole number, written with or without a fraction of zeros.
std::optional<std::int64_t> whole_number_in(const Csv& table, std::string_view text) {
  std::int64_t whole = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, whole);
  if (error == std::errc() && stop == end) return whole;
  constexpr double largest = 0x1p53;  // doubles up to here are exact
  const std::optional<double> number = table.parsed(text);
  if (!number || !(std::fabs(*number) <= largest) || *number != std::floor(*number))
    return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

void check_options(const CsvColumns& columns) {
  const auto check = [](bool holds, const char* what) {
    if (!holds) throw DomainError(fmt::format("Dataset::from_csv: {}", what));
  };
  check(columns.targets.empty() || columns.label.empty(),
        "name the columns of targets, or the one of labels, not both");
  check(columns.label.empty() || std::find(columns.features.begin(), columns.features.end(),
                                           columns.label) == columns.features.end(),
        "the label is also one of the features");
  check(columns.class_names.empty() || columns.targets.empty(),
        "class_names need a label, not targets");
  check(columns.fill.empty() || columns.missing == Missing::fill,
        "fill is only used with missing = Missing::fill");
  check(columns.missing != Missing::fill || !columns.fill.empty(),
        "Missing::fill needs a number in fill");
  check(std::all_of(columns.fill.begin(), columns.fill.end(),
                    [](double x) { return std::isfinite(x); }),
        "the numbers in fill must be finite");
  std::unordered_set<std::string_view> names;
  for (const std::string& name : columns.class_names)
    if (name.empty() || !names.insert(name).second)
      throw DomainError(fmt::format(
          "Dataset::from_csv: the class name '{}' is empty or appears twice", shown(name)));
}

}  // namespace

TableReader::TableReader(const Csv& table, CsvColumns columns)
    : table_(table), columns_(std::move(columns)) {
  check_options(columns_);
  targets_ = table.column(columns_.targets);
  if (!columns_.label.empty()) label_ = table.column(columns_.label);
  if (columns_.features.empty()) {
    std::vector<bool> has_role(table.columns());
    for (const std::size_t i : targets_) has_role[i] = true;
    for (const std::size_t i : table.column(columns_.extra)) has_role[i] = true;
    if (label_) has_role[*label_] = true;
    if (!columns_.weights.empty()) has_role[table.column(columns_.weights)] = true;
    for (std::size_t i = 0; i < table.columns(); ++i)
      if (!has_role[i]) columns_.features.push_back(table.names()[i]);
    if (columns_.features.empty())
      throw FormatError(fmt::format("{}: no column is left for the features; the columns are {}",
                                    table.file(), listed(table.names())));
  }
  features_ = table.column(columns_.features);
  if (columns_.fill.size() > 1 && columns_.fill.size() != features_.size())
    throw DomainError(fmt::format("Dataset::from_csv: fill has {} numbers for {} features",
                                  columns_.fill.size(), features_.size()));

  const auto any_missing = [&](std::size_t row, const std::vector<std::size_t>& in) {
    return std::any_of(in.begin(), in.end(),
                       [&](std::size_t column) { return table.is_missing(row, column); });
  };
  const bool drop = columns_.missing == Missing::drop, drop_unlabelled = columns_.drop_unlabelled;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (drop && any_missing(row, features_)) continue;
    if (drop_unlabelled && any_missing(row, targets_)) continue;
    if (drop_unlabelled && label_ && table.is_missing(row, *label_)) continue;
    rows_.push_back(row);
  }
}

Indices TableReader::rows() const {
  Indices rows = Indices::uninitialised({static_cast<std::int64_t>(rows_.size())});
  std::copy(rows_.begin(), rows_.end(), rows.mutable_data());
  return rows;
}

std::int64_t TableReader::dropped() const {
  return static_cast<std::int64_t>(table_.rows() - rows_.size());
}

// ---- Numbers ------------------------------------------------------------------------------------

TableReader::Numbers TableReader::numbers(const std::vector<std::size_t>& columns) const {
  Numbers found;
  found.values.reserve(rows_.size() * columns.size());
  for (const std::size_t row : rows_)
    for (const std::size_t column : columns) {
      const std::optional<double> number = table_.number(row, column);
      if (!number) found.gaps.push_back(found.values.size());
      found.values.push_back(number.value_or(0.0));
    }
  return found;
}

std::vector<double> TableReader::means(const Numbers& found) const {
  const std::size_t columns = features_.size();
  std::vector<double> mean(columns), count(columns);
  auto gap = found.gaps.begin();
  for (std::size_t i = 0; i < found.values.size(); ++i) {
    if (gap != found.gaps.end() && *gap == i) {
      ++gap;
      continue;
    }
    const std::size_t c = i % columns;
    count[c] += 1.0;
    mean[c] += found.values[i] / count[c] - mean[c] / count[c];  // no sum that could overflow
  }
  for (std::size_t c = 0; c < columns; ++c)
    if (count[c] == 0.0 || !std::isfinite(mean[c]))
      throw FormatError(fmt::format(
          "{}: column '{}' has no mean, because {}", table_.file(), shown(columns_.features[c]),
          count[c] == 0.0 ? "all its numbers are missing" : "it has numbers that are not finite"));
  return mean;
}

Tensor TableReader::features() {
  Numbers found = numbers(features_);
  const std::size_t columns = features_.size();
  std::vector<double>& fill = columns_.fill;
  if (columns_.missing == Missing::mean && !rows_.empty()) {
    fill = means(found);
    columns_.missing = Missing::fill;
  }
  if (fill.size() == 1) fill.resize(columns, fill.front());
  for (const std::size_t gap : found.gaps) {
    if (fill.empty())
      table_.fail(rows_[gap / columns], features_[gap % columns],
                  "a number is missing; CsvColumns::missing can fill it in or drop the row");
    found.values[gap] = fill[gap % columns];
  }
  return tensor_of(found.values, features_);
}

Tensor TableReader::targets() const {
  const Numbers found = numbers(targets_);
  if (!found.gaps.empty())
    table_.fail(rows_[found.gaps[0] / targets_.size()], targets_[found.gaps[0] % targets_.size()],
                "the target is missing; drop_unlabelled leaves out such rows");
  return tensor_of(found.values, targets_);
}

Tensor TableReader::weights() const {
  const std::vector<std::size_t> column{table_.column(columns_.weights)};
  const Numbers found = numbers(column);
  if (!found.gaps.empty()) table_.fail(rows_[found.gaps[0]], column[0], "the weight is missing");
  for (std::size_t i = 0; i < found.values.size(); ++i)
    if (!(found.values[i] >= 0.0 && std::isfinite(found.values[i])))
      table_.fail(rows_[i], column[0],
                  fmt::format("the weight is {}; weights are finite numbers of at least 0",
                              found.values[i]));
  const Tensor weights = reshape(tensor_of(found.values, column), {-1});
  const std::vector<double> values = to_vector(weights);
  if (std::all_of(values.begin(), values.end(), [](double x) { return x == 0.0; }) &&
      !values.empty())
    throw FormatError(
        fmt::format("{}: column '{}': all weights are 0", table_.file(), shown(columns_.weights)));
  return weights;
}

Tensor TableReader::tensor_of(const std::vector<double>& values,
                              const std::vector<std::size_t>& columns) const {
  const Shape shape{static_cast<std::int64_t>(rows_.size()),
                    static_cast<std::int64_t>(columns.size())};
  Array array = Array::uninitialised(columns_.dtype, shape);
  with_type(columns_.dtype, [&](auto zero) {
    using T = decltype(zero);
    T* const out = array.mutable_data_as<T>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::isfinite(values[i]) && std::fabs(values[i]) > std::numeric_limits<T>::max())
        table_.fail(rows_[i / columns.size()], columns[i % columns.size()],
                    fmt::format("{} is too large for {}", values[i], name_of(columns_.dtype)));
      out[i] = static_cast<T>(values[i]);
    }
  });
  return array;
}

Indices TableReader::whole_numbers(const std::string& name) const {
  const std::size_t column = table_.column(name);
  Indices numbers = Indices::uninitialised({static_cast<std::int64_t>(rows_.size())});
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const std::string_view text = trimmed(table_.text(rows_[i], column));
    if (table_.is_missing(rows_[i], column))
      table_.fail(rows_[i], column, "a whole number is missing");
    const std::optional<std::int64_t> whole = whole_number_in(table_, text);
    if (!whole)
      table_.fail(rows_[i], column,
                  fmt::format("'{}' is not a whole number of 64 bits", shown(text)));
    numbers.mutable_data()[i] = *whole;
  }
  return numbers;
}

// ---- Labels -------------------------------------------------------------------------------------

Indices TableReader::labels() {
  std::vector<std::string_view> texts;
  bool are_numbers = columns_.class_names.empty();
  for (const std::size_t row : rows_) {
    if (table_.is_missing(row, *label_))
      table_.fail(row, *label_, "the label is missing; drop_unlabelled leaves out such rows");
    texts.push_back(trimmed(table_.text(row, *label_)));
    are_numbers = are_numbers && label_of(texts.back());
  }
  Indices labels = Indices::uninitialised({static_cast<std::int64_t>(texts.size())});
  if (are_numbers) {
    std::transform(texts.begin(), texts.end(), labels.mutable_data(),
                   [](std::string_view text) { return *label_of(text); });
    return labels;
  }
  if (columns_.class_names.empty()) columns_.class_names = classes_in(texts);
  std::unordered_map<std::string_view, std::int64_t> number_of;
  for (const std::string& name : columns_.class_names)
    number_of.emplace(name, static_cast<std::int64_t>(number_of.size()));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto found = number_of.find(texts[i]);
    if (found == number_of.end())
      table_.fail(rows_[i], *label_,
                  fmt::format("'{}' is none of the known classes: {}", shown(texts[i]),
                              listed(columns_.class_names)));
    labels.mutable_data()[i] = found->second;
  }
  return labels;
}

std::vector<std::string> TableReader::classes_in(
    const std::vector<std::string_view>& labels) const {
  struct Class {
    std::string_view text;
    std::optional<double> number;
    std::size_t row;  // the first one
  };
  std::unordered_set<std::string_view> seen;
  std::vector<Class> classes;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!seen.insert(labels[i]).second) continue;
    std::optional<double> number = table_.parsed(labels[i]);
    if (number && !std::isfinite(*number)) number.reset();
    classes.push_back({labels[i], number, rows_[i]});
  }
  std::sort(classes.begin(), classes.end(), [](const Class& a, const Class& b) {
    if (a.number.has_value() != b.number.has_value()) return a.number.has_value();
    return a.number && *a.number != *b.number ? *a.number < *b.number : a.text < b.text;
  });
  std::vector<std::string> names;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const bool same = i > 0 && classes[i].number && classes[i].number == classes[i - 1].number;
    if (same)
      table_.fail(std::max(classes[i].row, classes[i - 1].row), *label_,
                  fmt::format("the labels '{}' and '{}' are the same number, written differently",
                              shown(classes[i - 1].text), shown(classes[i].text)));
    names.emplace_back(classes[i].text);
  }
  return names;
}

}  // namespace chainrule::nn::detail

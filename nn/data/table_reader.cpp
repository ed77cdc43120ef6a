#include "nn/data/table_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "autodiff/arrays.hpp"
#include "nn/data/csv_text.hpp"
#include "nn/io/shown.hpp"

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
  for (const auto& [list, role] :
       {std::pair(&columns.features, "features"), std::pair(&columns.targets, "targets"),
        std::pair(&columns.extra, "extra")}) {
    std::unordered_set<std::string_view> found;
    for (const std::string& name : *list)
      if (!found.insert(name).second)
        throw DomainError(
            fmt::format("Dataset::from_csv: {} has the column '{}' twice", role, shown(name)));
  }
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
  return tensor_of(std::move(found.values), features_);
}

Tensor TableReader::targets() const {
  Numbers found = numbers(targets_);
  if (!found.gaps.empty())
    table_.fail(rows_[found.gaps[0] / targets_.size()], targets_[found.gaps[0] % targets_.size()],
                "the target is missing; drop_unlabelled leaves out such rows");
  return tensor_of(std::move(found.values), targets_);
}

Tensor TableReader::weights() const {
  const std::vector<std::size_t> column{table_.column(columns_.weights)};
  Numbers found = numbers(column);
  if (!found.gaps.empty()) table_.fail(rows_[found.gaps[0]], column[0], "the weight is missing");
  for (std::size_t i = 0; i < found.values.size(); ++i)
    if (!(found.values[i] >= 0.0 && std::isfinite(found.values[i])))
      table_.fail(rows_[i], column[0],
                  fmt::format("the weight is {}; weights are finite numbers of at least 0",
                              found.values[i]));
  const Tensor weights = reshape(tensor_of(std::move(found.values), column), {-1});
  const std::vector<double> values = to_vector(weights);
  if (std::all_of(values.begin(), values.end(), [](double x) { return x == 0.0; }) &&
      !values.empty())
    throw FormatError(
        fmt::format("{}: column '{}': all weights are 0", table_.file(), shown(columns_.weights)));
  return weights;
}

Tensor TableReader::tensor_of(std::vector<double> values,
                              const std::vector<std::size_t>& columns) const {
  const Shape shape{static_cast<std::int64_t>(rows_.size()),
                    static_cast<std::int64_t>(columns.size())};
  if (columns_.dtype == DType::float64) return tensor_view(std::move(values), shape);
  constexpr double largest = std::numeric_limits<float>::max();
  Array array = Array::uninitialised(DType::float32, shape);
  float* const out = array.mutable_data_as<float>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::fabs(values[i]) > largest && std::isfinite(values[i]))
      table_.fail(rows_[i / columns.size()], columns[i % columns.size()],
                  fmt::format("{} is too large for float32", values[i]));
    out[i] = static_cast<float>(values[i]);
  }
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
  std::vector<Class> classes;  // in the order of their first rows
  std::unordered_map<std::string_view, std::int64_t> found;
  Indices positions = Indices::uninitialised({static_cast<std::int64_t>(rows_.size())});
  std::int64_t* out = positions.mutable_data();
  for (const std::size_t row : rows_) {
    if (table_.is_missing(row, *label_))
      table_.fail(row, *label_, "the label is missing; drop_unlabelled leaves out such rows");
    const std::string_view text = trimmed(table_.text(row, *label_));
    const auto next = static_cast<std::int64_t>(classes.size());
    const auto [at, is_new] = found.emplace(text, next);
    if (is_new) classes.push_back({text, row, 0});
    *out++ = at->second;
  }
  number(classes);
  std::transform(positions.begin(), positions.end(), positions.mutable_data(),
                 [&](std::int64_t i) { return classes[static_cast<std::size_t>(i)].label; });
  return positions;
}

void TableReader::number(std::vector<Class>& classes) {
  std::vector<std::string>& names = columns_.class_names;
  if (names.empty()) {
    const auto other = std::find_if_not(classes.begin(), classes.end(),
                                        [](const Class& c) { return label_of(c.text); });
    if (other == classes.end()) {
      for (Class& c : classes) c.label = *label_of(c.text);
      columns_.integer_labels = columns_.integer_labels || !classes.empty();
      return;
    }
    if (columns_.integer_labels)
      table_.fail(other->row, *label_,
                  fmt::format("the label '{}' is not an integer >= 0 of digits only, as those of "
                              "the training set are",
                              shown(other->text)));
    names = ordered_names(classes);
  }
  std::unordered_map<std::string_view, std::int64_t> label_of_name;
  for (const std::string& name : names)
    label_of_name.emplace(name, static_cast<std::int64_t>(label_of_name.size()));
  for (Class& c : classes) {
    const auto known = label_of_name.find(c.text);
    if (known == label_of_name.end())
      table_.fail(
          c.row, *label_,
          fmt::format("'{}' is none of the known classes: {}", shown(c.text), listed(names)));
    c.label = known->second;
  }
}

std::vector<std::string> TableReader::ordered_names(const std::vector<Class>& classes) const {
  struct Name {
    std::optional<double> number;
    std::string_view text;
    std::size_t row;
  };
  std::vector<Name> ordered;
  for (const Class& c : classes) {
    std::optional<double> number = table_.parsed(c.text);
    if (number && !std::isfinite(*number)) number.reset();
    ordered.push_back({number, c.text, c.row});
  }
  std::sort(ordered.begin(), ordered.end(), [](const Name& a, const Name& b) {
    if (a.number.has_value() != b.number.has_value()) return a.number.has_value();
    return a.number && *a.number != *b.number ? *a.number < *b.number : a.text < b.text;
  });
  std::vector<std::string> names;
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    if (i > 0 && ordered[i].number && ordered[i].number == ordered[i - 1].number)
      table_.fail(std::max(ordered[i].row, ordered[i - 1].row), *label_,
                  fmt::format("the labels '{}' and '{}' are the same number, written differently",
                              shown(ordered[i - 1].text), shown(ordered[i].text)));
    names.emplace_back(ordered[i].text);
  }
  return names;
}

}  // namespace chainrule::nn::detail

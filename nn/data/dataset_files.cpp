// Datasets from files.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "autodiff/core/files.hpp"
#include "autodiff/io/npy.hpp"
#include "nn/data/dataset.hpp"
#include "nn/data/idx.hpp"

namespace chainrule::nn {
namespace {

Tensor numbers_in(const Csv& table, const std::vector<std::string>& columns, DType dtype) {
  const Shape shape{static_cast<std::int64_t>(table.rows()),
                    static_cast<std::int64_t>(columns.size())};
  return astype(tensor_view(table.numbers(columns), shape), dtype);
}

/// An integer >= 0 that is written with digits only.
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

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

struct Classes {
  Indices labels;
  std::vector<std::string> names;
};

Classes classes_in(const Csv& table, const std::string& column) {
  std::vector<std::string_view> texts = table.text(column);
  std::map<std::string_view, std::int64_t> number_of;
  bool are_numbers = true;
  for (std::size_t row = 0; row < texts.size(); ++row) {
    texts[row] = trimmed(texts[row]);
    if (texts[row].empty()) table.fail(row, table.column(column), "the label is missing");
    are_numbers = are_numbers && label_of(texts[row]);
    number_of.emplace(texts[row], 0);
  }
  Classes classes{Indices::uninitialised({static_cast<std::int64_t>(texts.size())}), {}};
  if (!are_numbers)
    for (auto& [name, number] : number_of) {
      number = static_cast<std::int64_t>(classes.names.size());
      classes.names.emplace_back(name);
    }
  std::transform(texts.begin(), texts.end(), classes.labels.mutable_data(),
                 [&](std::string_view text) {
                   return are_numbers ? *label_of(text) : number_of.find(text)->second;
                 });
  return classes;
}

/// The elements of an IDX file, multiplied by a factor.
Tensor elements_of(const Idx& file, DType dtype, double factor) {
  element_count(Shape(file.shape), "Dataset::from_idx");
  Array array = Array::uninitialised(dtype, file.shape);
  const std::vector<double> values =
      file.type == IdxType::uint8 ? std::vector<double>() : file.values();
  with_type(dtype, [&](auto zero) {
    using T = decltype(zero);
    const auto scaled = [factor](double x) { return static_cast<T>(x * factor); };
    if (file.type == IdxType::uint8)  // the usual type, without a copy as doubles
      std::transform(file.bytes.begin(), file.bytes.end(), array.mutable_data_as<T>(),
                     [&](std::byte b) { return scaled(std::to_integer<int>(b)); });
    else
      std::transform(values.begin(), values.end(), array.mutable_data_as<T>(), scaled);
  });
  return array;
}

}  // namespace

Dataset Dataset::from_csv(const std::string& path, const CsvColumns& columns) {
  return from_csv(read_csv(path, columns.csv), columns);
}

Dataset Dataset::from_csv(const Csv& table, const CsvColumns& columns) {
  if (columns.targets.empty() == columns.label.empty())
    throw DomainError("Dataset::from_csv: name the columns of targets, or the one of labels");
  std::vector<std::string> features = columns.features;
  if (features.empty())
    std::copy_if(table.names().begin(), table.names().end(), std::back_inserter(features),
                 [&](const std::string& name) {
                   return name != columns.label &&
                          std::find(columns.targets.begin(), columns.targets.end(), name) ==
                              columns.targets.end();
                 });
  const Tensor x = numbers_in(table, features, columns.dtype);
  if (!columns.targets.empty()) return {x, numbers_in(table, columns.targets, columns.dtype)};
  Classes classes = classes_in(table, columns.label);
  return {x, std::move(classes.labels), std::move(classes.names)};
}

Dataset Dataset::from_idx(const std::string& images, const std::string& labels, DType dtype) {
  const Idx x = read_idx(images), y = read_idx(labels);
  if (x.shape.empty() || y.shape.size() != 1 || x.shape[0] != y.shape[0])
    throw FormatError(fmt::format(
        "{} has the shape [{}], which is not one label for each row of {}, of shape [{}]", labels,
        fmt::join(y.shape, ", "), images, fmt::join(x.shape, ", ")));
  if (y.type == IdxType::float32 || y.type == IdxType::float64)
    return {elements_of(x, dtype, x.type == IdxType::uint8 ? 1.0 / 255.0 : 1.0),
            elements_of(y, dtype, 1.0)};
  Indices numbers = Indices::uninitialised({y.shape[0]});
  const std::vector<double> values = y.values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] < 0.0)
      throw FormatError(fmt::format("{}: label {} is {}, below 0", labels, i, values[i]));
    numbers.mutable_data()[i] = static_cast<std::int64_t>(values[i]);
  }
  return {elements_of(x, dtype, x.type == IdxType::uint8 ? 1.0 / 255.0 : 1.0), std::move(numbers)};
}

Dataset Dataset::from_npy(const std::string& features, const std::string& targets) {
  const Tensor x = parse_npy(read_file(features), features);
  const std::string bytes = read_file(targets);
  const NpyHeader header = parse_npy_header(bytes, targets);
  if (header.kind != 'f' && header.shape.size() == 1) return {x, parse_npy_indices(bytes, targets)};
  return {x, Tensor(parse_npy(bytes, targets))};
}

}  // namespace chainrule::nn

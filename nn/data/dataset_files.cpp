// Datasets from files.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "autodiff/core/files.hpp"
#include "autodiff/io/npy.hpp"
#include "nn/data/dataset.hpp"
#include "nn/data/idx.hpp"
#include "nn/data/table_reader.hpp"

namespace chainrule::nn {
namespace {

/// The elements of an IDX file, multiplied by a factor.
Tensor elements_of(const Idx& file, DType dtype, double factor, const std::string& name) {
  element_count(Shape(file.shape), "Dataset::from_idx");
  Array array = Array::uninitialised(dtype, file.shape);
  const std::vector<double> values =
      file.type == IdxType::uint8 ? std::vector<double>() : file.values();
  if (dtype == DType::float32 && file.type == IdxType::float64)
    for (const double x : values)
      if (std::isfinite(x) && std::fabs(x) > double{std::numeric_limits<float>::max()})
        throw FormatError(
            fmt::format("{}: {} is too large for float32; read it as float64", name, x));
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
  detail::TableReader reader(table, columns);
  Dataset result(reader.features());
  About about;
  if (!columns.label.empty()) {
    result.labels_ = reader.labels();
    result.has_labels_ = true;
  } else if (!columns.targets.empty()) {
    result.targets_ = reader.targets();
  }
  if (!columns.weights.empty()) result.weights_ = reader.weights();
  std::vector<Indices> extra;
  for (const std::string& name : columns.extra) extra.push_back(reader.whole_numbers(name));
  result.columns_ = Columns::of(columns.extra, extra);
  if (reader.dropped() > 0) result.origin_ = reader.rows();
  about.features = reader.columns().features;
  about.targets = reader.columns().targets;
  about.classes = reader.columns().class_names;
  about.dropped = reader.dropped();
  about.csv = reader.columns();
  about.csv->csv = table.options();
  result.about_ = std::make_shared<const About>(std::move(about));
  return result;
}

Dataset Dataset::from_idx(const std::string& images, DType dtype) {
  const Idx x = read_idx(images);
  if (x.shape.empty()) throw FormatError(fmt::format("{} is a single number, not rows", images));
  return Dataset(elements_of(x, dtype, x.type == IdxType::uint8 ? 1.0 / 255.0 : 1.0, images));
}

Dataset Dataset::from_idx(const std::string& images, const std::string& labels, DType dtype) {
  const Dataset x = from_idx(images, dtype);
  const Idx y = read_idx(labels);
  if (y.shape.size() != 1 || y.shape[0] != x.size())
    throw FormatError(
        fmt::format("{} has the shape [{}], which is not one label for each row of {}, of shape {}",
                    labels, fmt::join(y.shape, ", "), images, text_of(x.features().shape())));
  if (y.type == IdxType::float32 || y.type == IdxType::float64)
    return {x.features(), elements_of(y, dtype, 1.0, labels)};
  Indices numbers = Indices::uninitialised({y.shape[0]});
  const std::vector<double> values = y.values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] < 0.0)
      throw FormatError(fmt::format("{}: label {} is {}, below 0", labels, i, values[i]));
    numbers.mutable_data()[i] = static_cast<std::int64_t>(values[i]);
  }
  return {x.features(), std::move(numbers)};
}

Dataset Dataset::from_npy(const std::string& features) {
  const Array x = parse_npy(read_file(features), features);
  if (x.rank() == 0) throw FormatError(fmt::format("{} is a single number, not rows", features));
  return Dataset(Tensor(x));
}

Dataset Dataset::from_npy(const std::string& features, const std::string& targets) {
  const Tensor x = from_npy(features).features();
  const std::string bytes = read_file(targets);
  const NpyHeader header = parse_npy_header(bytes, targets);
  if (header.shape.size() == 0 || header.shape[0] != x.shape(0))
    throw FormatError(
        fmt::format("{} has the shape {}, which is not one row for each of {}, of "
                    "shape {}",
                    targets, text_of(header.shape), features, text_of(x.shape())));
  if (header.kind == 'f' || header.shape.size() != 1) return {x, Tensor(parse_npy(bytes, targets))};
  Indices labels = parse_npy_indices(bytes, targets);
  const auto negative = std::find_if(labels.begin(), labels.end(), [](auto i) { return i < 0; });
  if (negative != labels.end())
    throw FormatError(
        fmt::format("{}: label {} is {}, below 0", targets, negative - labels.begin(), *negative));
  return {x, std::move(labels)};
}

}  // namespace chainrule::nn

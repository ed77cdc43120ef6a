#include "nn/data/standardizer.hpp"

#include <fmt/format.h>

#include <cmath>

#include "autodiff/arrays.hpp"
#include "nn/losses/unit.hpp"

namespace chainrule::nn {
namespace {

Shape shape_of_row(const Tensor& x) {
  const Shape shape = x.shape();
  return Shape(shape.data() + 1, shape.size() - 1);
}

/// Throws DomainError if there is no mean, ShapeError unless the last axes of x have its shape.
void check_features(const Tensor& x, const Tensor& mean) {
  if (mean.value().is_null())
    throw DomainError(
        "Standardizer: it was not fitted; construct it from data, or call set_state()");
  const Shape shape = x.shape(), row = mean.shape();
  const bool fits =
      shape.size() >= row.size() && Shape(shape.end() - row.size(), row.size()) == row;
  if (!fits)
    throw ShapeError(fmt::format("Standardizer: it was fitted to rows of shape {}, not to {}",
                                 text_of(row), text_of(shape)));
}

}  // namespace

Standardizer::Standardizer(const Tensor& features) {
  if (features.rank() == 0 || features.shape(0) == 0)
    throw ShapeError(fmt::format("Standardizer: features of shape {} have no rows to be fitted to",
                                 text_of(features.shape())));
  const Array x = contiguous(features.value());
  Array mean = Array::uninitialised(x.dtype(), shape_of_row(features));
  Array deviation = Array::like(mean);
  const std::int64_t rows = x.shape(0), columns = mean.size();
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* const in = x.data_as<T>();
    for (std::int64_t c = 0; c < columns; ++c) {
      double largest = 0.0;
      for (std::int64_t row = 0; row < rows; ++row) {
        const double value = static_cast<double>(in[row * columns + c]);
        if (!std::isfinite(value))
          throw DomainError(fmt::format("Standardizer: row {}, feature {} is {}", row, c, value));
        largest = std::fmax(largest, std::fabs(value));
      }
      // Welford's recurrence: no difference of large sums (Knuth, TAOCP 2, 4.2.2).
      const double unit = detail::unit_of(largest);
      double m = 0.0, squares = 0.0;
      for (std::int64_t row = 0; row < rows; ++row) {
        const double value = static_cast<double>(in[row * columns + c]) / unit;
        const double before = value - m;
        m += before / static_cast<double>(row + 1);
        squares += before * (value - m);
      }
      const double d = std::sqrt(squares / static_cast<double>(rows)) * unit;
      mean.mutable_data_as<T>()[c] = static_cast<T>(m * unit);
      // The rounding errors of equal numbers are not a deviation.
      constexpr double noise = 8.0 * std::numeric_limits<T>::epsilon();
      const T rounded = static_cast<T>(d);
      deviation.mutable_data_as<T>()[c] = d > noise * largest && rounded > T(0) ? rounded : T(1);
    }
  });
  mean_ = std::move(mean);
  deviation_ = std::move(deviation);
}

Tensor Standardizer::operator()(const Tensor& x) const {
  check_features(x, mean_);
  return (x - mean_) / deviation_;
}

Dataset Standardizer::operator()(const Dataset& data) const {
  return data.empty() ? data : data.with_features((*this)(data.features()));
}

Tensor Standardizer::inverse(const Tensor& x) const {
  check_features(x, mean_);
  return x * deviation_ + mean_;
}

State Standardizer::state() const {
  State state;
  if (!mean_.value().is_null())
    state.arrays = {{"mean", mean_.value()}, {"deviation", deviation_.value()}};
  return state;
}

void Standardizer::set_state(const State& given) {
  if (given.arrays.empty() && given.numbers.empty() && given.texts.empty()) {
    *this = Standardizer();
    return;
  }
  State wanted;
  const auto mean = given.arrays.find("mean");
  const Array like = mean != given.arrays.end() ? mean->second : Array::scalar(DType::float64, 0);
  wanted.arrays = {{"mean", like}, {"deviation", like}};
  detail::check_state(wanted, given, "Standardizer");
  const Array& deviation = given.arrays.find("deviation")->second;
  for (const double x : detail::vector_of(mean->second))
    if (!std::isfinite(x))
      throw FormatError(fmt::format("Standardizer: the state's mean has an element {}", x));
  for (const double x : detail::vector_of(deviation))
    if (!(x > 0.0) || !std::isfinite(x))
      throw FormatError(
          fmt::format("Standardizer: the state's deviation has an element {}, not above 0", x));
  mean_ = mean->second;
  deviation_ = deviation;
}

}  // namespace chainrule::nn

// Small data sets and models for tests of training, and comparison of two training runs.
#pragma once

#include <doctest/doctest.h>

#include <cstring>
#include <string>

#include "nn/nn.hpp"

namespace chainrule::testing {

/// Points around the corners of a triangle, each labelled with its corner.
inline nn::Dataset triangle(std::int64_t size, std::uint64_t seed = 5,
                            DType dtype = DType::float64) {
  Random random(seed);
  std::vector<double> points;
  Indices labels = Indices::uninitialised({size});
  const double corners[3][2] = {{1.5, 0.0}, {-1.0, 1.2}, {-1.0, -1.2}};
  for (std::int64_t i = 0; i < size; ++i) {
    labels.mutable_data()[i] = i % 3;
    for (const double corner : corners[i % 3]) points.push_back(corner + random.normal(0.0, 0.3));
  }
  return {astype(tensor(points, {size, 2}), dtype), labels};
}

/// A line with noise, for targets instead of labels.
inline nn::Dataset line(std::int64_t size, std::uint64_t seed = 6) {
  Random random(seed);
  std::vector<double> x, y;
  for (std::int64_t i = 0; i < size; ++i) {
    x.push_back(random.uniform(-1.0, 1.0));
    y.push_back(0.7 * x.back() - 0.2 + random.normal(0.0, 0.05));
  }
  return {tensor(x, {size, 1}), tensor(y, {size, 1})};
}

/// A model with the same parameters for the same seed; if has_more_state, it includes layers with
/// state besides parameters.
inline nn::Sequential classifier(std::uint64_t seed = 1, bool has_more_state = false) {
  Random random(seed);
  nn::Sequential model{nn::Linear(2, 8, {.random = &random})};
  if (has_more_state) model.add(nn::BatchNorm(8));
  model.add(nn::Tanh());
  if (has_more_state) model.add(nn::Dropout(0.2, random.split()));
  model.add(nn::Linear(8, 3, {.random = &random}));
  return model;
}

/// Whether both contain the same arrays, bit for bit, and the same numbers and texts.
inline bool same_bits(const nn::State& a, const nn::State& b) {
  if (a.numbers != b.numbers || a.texts != b.texts || a.arrays.size() != b.arrays.size())
    return false;
  for (const auto& [name, array] : a.arrays) {
    const auto other = b.arrays.find(name);
    if (other == b.arrays.end() || other->second.dtype() != array.dtype() ||
        Shape(other->second.shape()) != Shape(array.shape()))
      return false;
    for (std::int64_t i = 0; i < array.size(); ++i) {
      const double x = array.element(i), y = other->second.element(i);
      if (std::memcmp(&x, &y, sizeof x) != 0) return false;
    }
  }
  return true;
}

/// The same for the measured values; ignores the time taken.
inline bool same_bits(const nn::History& a, const nn::History& b) {
  if (a.names() != b.names() || a.size() != b.size()) return false;
  for (const std::string& name : a.names()) {
    if (name == "seconds") continue;
    const auto x = a[name], y = b[name];
    if (std::memcmp(x.data(), y.data(), x.size_bytes()) != 0) return false;
  }
  return true;
}

inline const nn::ProgressOptions quiet{.style = nn::ProgressStyle::quiet};

}  // namespace chainrule::testing

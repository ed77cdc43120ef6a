// Checks derivatives of functions of tensors against central differences.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "autodiff/graph/tensor.hpp"

namespace chainrule::testing {

/// A function under test: maps some tensors to a tensor of any shape.
using TensorFunction = std::function<Tensor(const std::vector<Tensor>&)>;

struct DifferenceOptions {
  int order = 2;            ///< 1: gradients only; 2, 3: their derivatives as well
  double step = 2e-4;       ///< of the five-point formula; must be smaller than the distance to any
                            ///< kink
  double tolerance = 1e-8;  ///< relative to max(1, |derivative|)
  double rounding = 1e-12;  ///< tolerated difference between the two sweeps, relative in the same
                            ///< way
};

/// Checks (doctest) the derivatives of S = sum(c * f(x)), with random numbers c, at a point.
/// Compares the recorded ones of `derivative` with differences and with the numbers of `gradient`.
/// For order 2 it does the same for the derivatives of T = sum(e * dS/dx), for order 3 for those of
/// such a sum of dT/dx. The arrays of the point are used with their strides; they must be float64
/// and finite. Cost: four evaluations per element and order.
void check_derivatives(const std::string& what, const TensorFunction& f,
                       const std::vector<Array>& point, const DifferenceOptions& options = {});

/// Random numbers, uniform in [low, high), in row-major order; the same for the same seed.
Array random_array(const Shape& shape, unsigned seed = 1, double low = -2.0, double high = 2.0,
                   DType dtype = DType::float64);
/// The numbers in row-major order, as an array.
Array array_of(const Shape& shape, const std::vector<double>& numbers,
               DType dtype = DType::float64);
/// The elements in row-major order.
std::vector<double> numbers_of(const Array& x);

/// Arrays with the shape and elements of x but different memory layouts: row-major order,
/// transposed, every second element of a larger array, and reversed.
std::vector<Array> layouts_of(const Array& x);
/// A view of the given shape whose first axis repeats one random row (stride 0).
Array repeated_rows(const Shape& shape, unsigned seed = 1);

}  // namespace chainrule::testing

// The reference for the loops over arrays: the scalar rules, and the tolerated difference from
// them.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

#include "autodiff/core/incomplete.hpp"
#include "autodiff/core/special.hpp"
#include "autodiff/kernels/elementwise.hpp"
#include "autodiff/rules/operation.hpp"
#include "tests/support/ordinary_points.hpp"

namespace chainrule::testing {

/// |got - want| in units in the last place of numbers of type T near `scale`, or near `want` if
/// that is larger. Infinite if exactly one is NaN or infinite, or if a zero has the wrong sign.
template <class T>
double ulps(T got, double want, double scale = 0.0) {
  constexpr double never = std::numeric_limits<double>::infinity();
  const T nearest = static_cast<T>(want);
  if (std::isnan(want) || std::isnan(got)) return std::isnan(want) && std::isnan(got) ? 0.0 : never;
  if (got == nearest) {
    // A result too small for T may be a zero of either sign.
    const bool same_sign = std::signbit(got) == std::signbit(nearest);
    return want == 0.0 && !same_sign ? never : 0.0;
  }
  // Near the end of the range, infinity is one step away.
  constexpr double largest = std::numeric_limits<T>::max();
  if (std::isinf(nearest) || std::isinf(got))
    return std::abs(static_cast<double>(got)) >= largest && std::abs(want) >= largest * 0.999999 &&
                   std::signbit(got) == std::signbit(nearest)
               ? 1.0
               : never;
  int exponent = 0;
  std::frexp(std::max(std::abs(want), scale), &exponent);
  exponent = std::max(exponent, std::numeric_limits<T>::min_exponent);
  return std::abs(static_cast<double>(got) - want) /
         std::ldexp(1.0, exponent - std::numeric_limits<T>::digits);
}

/// Result `which` of an operation is its value (-1) or the contribution to an operand.
struct Tolerance {
  double ulps;
  double scale = 0.0;  ///< the magnitude of terms that cancel
};

/// The size of the terms of a partial that cancel, for the densities; 0 for other operations.
inline double cancelled(std::string_view operation, int which, const double* x) {
  double scale = 0.0;
  if (operation == "gamma_density" && which == 0)
    scale = gamma_density(x[0], x[1]) * (std::abs(std::log(x[1])) + std::abs(digamma(x[0])));
  if (operation == "gamma_density_by_a" && which == 2)
    scale = gamma_density_by_a(x[0], x[1], x[2]) * ((x[1] - 1.0) / x[2] - 1.0);
  if (operation == "beta_density" && (which == 0 || which == 1))
    scale = beta_density(x[0], x[1], x[2]) *
            (std::abs(which == 0 ? std::log(x[2]) : std::log1p(-x[2])) +
             std::abs(digamma(x[which])) + std::abs(digamma(x[0] + x[1])));
  return std::isfinite(scale) ? std::abs(scale) : 0.0;
}

/// The tolerated difference between a loop and the scalar rule.
inline Tolerance tolerance(std::string_view operation, int which, bool is_float, const double* x) {
  struct Row {
    const char* operation;
    int which;
    bool also_in_float;
    double ulps, scale;
  };
  static constexpr Row rows[] = {
      // Sums that cancel. In double each term has an error of a few units, which is large relative
      // to a small sum.
      {"gelu", 0, false, 8, 0.25},
      {"gelu_tanh", 0, false, 8, 0.25},
      {"silu", 0, false, 8, 0.25},
      {"mish", 0, false, 8, 0.5},
      {"tanhshrink", -1, false, 8, 0.5},
      {"logaddexp", -1, false, 8, 1.0},
      {"erfcx", 0, false, 8, 1.2},
      // 1 - tanh(x / 2)^2 for a tanh up to 0.97: one unit in tanh is 16 units in the difference.
      {"sigmoid", 0, false, 32, 0.0},
      // Two units in tanh, times 2 r^2 / (1 - r^2).
      {"tanh", 0, true, 16, 0.0},
      // x sigmoid(x) with a subnormal sigmoid: it has few significant bits, and x amplifies the
      // error.
      {"silu", -1, true, 64, 0.0},
  };
  for (const Row& row : rows)
    if (operation == row.operation && which == row.which && (!is_float || row.also_in_float))
      return {row.ulps, row.scale};
  // expm1(q) - q e^q, about q^2 / 2, with q = x / y. Loops of floats compute it in double, too.
  if (operation == "celu" && which == 1) {
    const double q = std::min(std::abs(x[0] / x[1]), 1.0);
    return {8, is_float ? std::ldexp(q, -29) : q};
  }
  // Densities times a difference of logarithms and digammas, or of quotients: by how much it
  // cancels. Loops of floats compute it in double, too.
  if (const double scale = cancelled(operation, which, x); scale > 0.0)
    return {8, is_float ? std::ldexp(scale, -29) : scale};
  // An exponential of about x^2 / 2: a unit in the last place of it is x^2 / 2 units of the result.
  if (operation == "log_ndtr" && which == 0 && !is_float) return {8 + x[0] * x[0]};
  // x sigmoid(u), about x e^u: one unit in the last place of u is |u| units in the result. One side
  // may contract a product and a sum in u while the other does not.
  if (operation == "gelu_tanh" && which == -1 && !is_float)
    return {8 + 4 * std::abs(2.0 * 0.7978845608 * (x[0] + 0.044715 * x[0] * x[0] * x[0]))};
  return {8};
}

/// The expected result of a loop: the value of the scalar rule, or (which >= 0) the contribution to
/// an operand.
inline double expected(const Operation& operation, int which, const double* x, double result,
                       double adjoint) {
  if (which < 0) return operation.value(x);
  Flow<double> flows[max_arity];
  operation.partials(x, result, 1u << which, flows);
  const Flow<double>& flow = flows[which];
  const bool nothing = !flow.open || (adjoint == 0.0 && std::signbit(adjoint));
  return nothing ? -0.0 : adjoint * flow.partial + 0.0;
}

/// Columns of operands, with the results of the scalar rule, as elements of type T.
template <class T>
struct Columns {
  std::vector<T> x[max_arity], result, adjoint;

  Columns(const Operation& operation, const std::vector<Point>& points) {
    for (const Point& point : points) {
      double rounded[max_arity];
      for (std::size_t k = 0; k < max_arity; ++k) {
        x[k].push_back(static_cast<T>(point[k]));
        rounded[k] = static_cast<double>(x[k].back());
      }
      result.push_back(static_cast<T>(operation.value(rounded)));
      // Every seventh element is untouched. None is below 1, so that a partial that is infinite in
      // float stays so in the product.
      const std::size_t i = adjoint.size();
      adjoint.push_back(static_cast<T>(i % 7 == 6 ? -0.0 : i % 2 == 0 ? 1.75 : -1.25));
    }
  }
  std::size_t size() const { return result.size(); }
  double expected(const Operation& operation, int which, std::size_t i) const {
    const double point[] = {double(x[0][i]), double(x[1][i]), double(x[2][i])};
    return testing::expected(operation, which, point, double(result[i]), double(adjoint[i]));
  }
};

/// Runs the loop for the value (-1) or for the contribution to an operand; returns false if there
/// is none.
template <class T>
bool run(const ElementwiseLoops& loops, int which, const Stream* x, const Columns<T>& columns,
         T* out, std::size_t n) {
  if (which < 0) {
    loops.value(x, out, n);
    return true;
  }
  if (loops.pullback[which] == nullptr) return false;
  loops.pullback[which](x, {columns.result.data()}, {columns.adjoint.data()}, out, false, n);
  return true;
}

}  // namespace chainrule::testing

// The edges of the incomplete functions; tests/autodiff/rules/special_reference_test.cpp has
// values.
#include "autodiff/core/incomplete.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>
#include <limits>
#include <utility>

#include "autodiff/core/special.hpp"

using namespace chainrule;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

bool close(double got, double want, double tolerance) {
  return std::abs(got - want) <= tolerance * std::abs(want);
}

}  // namespace

TEST_CASE("gammainc at the ends of its domain") {
  CHECK(gammainc(2.0, 0.0) == 0.0);
  CHECK(gammainc(2.0, -0.0) == 0.0);
  CHECK(gammainc(2.0, inf) == 1.0);
  CHECK(gammainc(0.0, 1.0) == 1.0);
  CHECK(gammainc(inf, 1.0) == 0.0);
  for (const auto& operands : {std::pair(0.0, 0.0),
                               {inf, inf},
                               {-1.0, 1.0},
                               {1.0, -1.0},
                               {nan_value, 1.0},
                               {1.0, nan_value},
                               {-inf, 1.0}}) {
    const double a = operands.first, x = operands.second;
    CAPTURE(a);
    CAPTURE(x);
    CHECK(std::isnan(gammainc(a, x)));
    CHECK(std::isnan(gammainc_by_a(1.0, a, x)));
  }
  for (const double order : {-1.0, 0.5, 11.0, inf, nan_value})
    CHECK(std::isnan(gammainc_by_a(order, 1.0, 1.0)));
  CHECK(gammainc_by_a(3.0, 1.0, 0.0) == 0.0);
  CHECK(gammainc_by_a(3.0, 1.0, inf) == 0.0);
}

TEST_CASE("gammainc of very small and very large numbers") {
  CHECK(close(gammainc(1e-300, 1.0), 1.0, 1e-15));
  CHECK(close(gammainc(1.0, 1e-300), 1e-300, 1e-15));
  CHECK(close(gammainc(0.5, 1e-300), 1.1283791670955126e-150, 1e-14));
  CHECK(gammainc(1e300, 1.0) == 0.0);
  CHECK(gammainc(1.0, 1e300) == 1.0);
  CHECK(gammainc(1e308, 1.7e308) == 1.0);
  // The two methods meet at 1e8 (mpmath 1.2.1, 50 digits).
  CHECK(close(gammainc(99999999.0, 1e8), 0.50005319230402102, 1e-13));
  CHECK(close(gammainc(1e8, 1e8), 0.50001329807601412, 1e-13));
  CHECK(close(gammainc(1e8, 1.0001e8), 0.84134474647179881, 1e-12));
  CHECK(close(gammainc_by_a(1.0, 1e8, 1e8), gammainc_by_a(1.0, 99999999.0, 1e8), 1e-7));
}

TEST_CASE("the density of the gamma distribution at its edges") {
  CHECK(gamma_density(1.0, 0.0) == 1.0);
  CHECK(gamma_density(2.0, 0.0) == 0.0);
  CHECK(gamma_density(0.5, 0.0) == inf);
  CHECK(gamma_density(0.0, 0.0) == 0.0);
  CHECK(gamma_density(0.0, 2.0) == 0.0);
  CHECK(gamma_density(-3.0, 2.0) == 0.0);
  CHECK(gamma_density(2.0, inf) == 0.0);
  CHECK(gamma_density(inf, 2.0) == 0.0);
  CHECK(close(gamma_density(-0.5, 2.0), -0.013497741628297013, 1e-14));
  CHECK(std::isnan(gamma_density(1.0, -1.0)));
  CHECK(std::isnan(gamma_density(nan_value, 1.0)));
  CHECK(std::isnan(gamma_density(1.0, nan_value)));
  CHECK(gamma_density_by_a(-1.0, 2.0, 3.0) == 0.0);
  CHECK(gamma_density_by_a(-2.0, 2.0, 3.0) == 0.0);
  CHECK(gamma_density_by_a(0.0, 2.0, 3.0) == gamma_density(2.0, 3.0));
  CHECK(std::isnan(gamma_density_by_a(0.5, 2.0, 3.0)));
  CHECK(std::isnan(gamma_density_by_a(1.0, 0.0, 3.0)));
}

TEST_CASE("betainc at the ends of its domain, and mirrored") {
  CHECK(betainc(2.0, 3.0, 0.0) == 0.0);
  CHECK(betainc(2.0, 3.0, 1.0) == 1.0);
  CHECK(betainc(0.0, 3.0, 0.5) == 1.0);
  CHECK(betainc(2.0, 0.0, 0.5) == 0.0);
  CHECK(betainc(inf, 3.0, 0.5) == 0.0);
  CHECK(betainc(2.0, inf, 0.5) == 1.0);
  for (const double x : {-0.5, 1.5, nan_value}) CHECK(std::isnan(betainc(2.0, 3.0, x)));
  CHECK(std::isnan(betainc(-1.0, 3.0, 0.5)));
  CHECK(std::isnan(betainc(0.0, 0.0, 0.5)));
  CHECK(std::isnan(betainc(inf, inf, 0.5)));
  CHECK(close(betainc(1e12, 1e12, 0.5), 0.5, 1e-8));
  CHECK(betainc(1e12, 1e12, 0.25) == 0.0);
  for (const double x : {0.125, 0.375, 0.5, 0.875})
    CHECK(close(betainc(2.5, 0.75, x) + betainc(0.75, 2.5, 1.0 - x), 1.0, 1e-15));
  CHECK(close(betainc(1.0, 1.0, 0.3), 0.3, 1e-15));
  CHECK(beta_density(1.0, 3.0, 0.0) == 3.0);
  CHECK(beta_density(2.0, 3.0, 0.0) == 0.0);
  CHECK(beta_density(0.5, 3.0, 0.0) == inf);
  CHECK(beta_density(3.0, 1.0, 1.0) == 3.0);
  CHECK(std::isnan(beta_density(-1.0, 1.0, 0.5)));
}

TEST_CASE("erfcx and log_ndtr at the ends of the range") {
  CHECK(erfcx(inf) == 0.0);
  CHECK(erfcx(-inf) == inf);
  CHECK(erfcx(-30.0) == inf);
  CHECK(erfcx(0.0) == 1.0);
  CHECK(std::isnan(erfcx(nan_value)));
  CHECK(close(erfcx(1e300), 5.6418958354775629e-301, 1e-15));
  CHECK(close(erfcx(24.999999), erfcx(25.0), 1e-7));
  CHECK(log_ndtr(inf) == 0.0);
  CHECK(log_ndtr(-inf) == -inf);
  CHECK(std::isnan(log_ndtr(nan_value)));
  CHECK(close(log_ndtr(-1e150), -5e299, 1e-15));
  CHECK(close(log_ndtr(38.0), -2.8854283600687843e-316, 1e-6));  // subnormal
}

TEST_CASE("parameters whose sum overflows end, with NaN") {
  for (const double x : {1e-300, 0.25, 0.5, 0.75}) {
    CHECK_FALSE(betainc(1e308, 1e308, x) > 1.0);
    CHECK(std::isnan(beta_density(1e308, 1e308, x)));
    CHECK_FALSE(gammainc(1e308, x * 1e308) > 1.0);
  }
}

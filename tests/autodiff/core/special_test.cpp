// Reference values: mpmath 1.2.1 with 50 digits, evaluated at the double that the literal denotes.
#include "autodiff/core/special.hpp"

#include <doctest/doctest.h>

#include <math.h>  // signgam

#include <cmath>
#include <initializer_list>
#include <limits>

using chainrule::digamma;
using chainrule::erfinv;
using chainrule::lgamma_value;
using chainrule::polygamma;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

struct Point {
  double x;
  double value;
};

// With the condition number |x f'(x) / f(x)|: the relative error of the value that one relative
// rounding error of x causes.
struct ConditionedPoint {
  double x;
  double value;
  double condition;
};

struct OrderPoint {
  double order;
  double x;
  double value;
  double condition;
};

double relative_error(double actual, double expected) {
  return std::fabs(actual - expected) / std::fabs(expected);
}

bool is_positive_zero(double x) { return x == 0.0 && !std::signbit(x); }
bool is_negative_zero(double x) { return x == 0.0 && std::signbit(x); }

// No condition numbers here or in the next table: these values are accurate to an ulp or two.
constexpr Point erfinv_points[] = {
    {1e-300, 8.8622692545275804e-301},
    {1e-20, 8.8622692545275797e-21},
    {9.9e-09, 8.773646561982304e-9},
    {1.1e-08, 9.7484961799803378e-9},
    {0.0001, 8.8622692777289473e-5},
    {0.01, 0.0088625012809505981},
    {0.1, 0.088855990494257692},
    {0.25, 0.2253120550121781},
    {-0.3, -0.27246271472675435},
    {0.4, 0.37080715859355795},
    {0.499, 0.47582428088309235},
    {-0.5, -0.47693627620446987},
    {0.501, 0.4780494522745675},
    {0.6, 0.59511608144999482},
    {0.7, 0.73286907795921678},
    {0.75, 0.81341984759761854},
    {-0.8, -0.90619380243682331},
    {0.9, 1.1630871536766742},
    {0.95, 1.3859038243496777},
    {0.99, 1.8213863677184495},
    {0.9915, 1.8607765585854115},
    {0.995, 1.984872612615532},
    {-0.9999, -2.7510639057120797},
    {0.999999, 3.4589107372754988},
    {-0.99999999, -4.0522372432687634},
    {0.9999999999, 4.5728249585449249},
    {0.999999999999, 5.0420318985726961},
    {0.99999999999999, 5.4725525174145354},
    {0.9999999999999996, 5.7458723921911805},
    {0.9999999999999998, 5.8050186831934533},
    {0.9999999999999999, 5.8635847487551679},
    {-0.9999999999999999, -5.8635847487551679},
};

// Includes the doubles on either side of the root 1.4616...
constexpr Point digamma_positive_points[] = {
    {1e-300, -9.9999999999999997e+299},
    {1e-08, -1.0000000057721565e+8},
    {0.001, -1000.5755719318103},
    {0.1, -10.423754940411076},
    {0.25, -4.2274535333762654},
    {0.5, -1.9635100260214235},
    {0.75, -1.0858608797864722},
    {0.999, -0.57886180210864543},
    {1.0, -0.57721566490153286},
    {1.0000000000000002, -0.5772156649015325},
    {1.25, -0.22745353337626541},
    {1.4, -0.061384544585116237},
    {1.46, -0.0015805619870834521},
    {1.461632144968362, -3.0727905665462928e-16},
    {1.4616321449683622, -9.2412655217294275e-17},
    {1.4616321449683625, 1.2245374622004069e-16},
    {1.4616321449683627, 3.3732014765737561e-16},
    {1.4616, -3.110625123034165e-5},
    {1.5, 0.036489973978576521},
    {1.75, 0.24747245354686116},
    {2.0, 0.42278433509846714},
    {2.5, 0.70315664064524319},
    {3.0, 0.92278433509846714},
    {5.5, 1.6110931485817511},
    {9.99, 2.2507003728312011},
    {10.0, 2.2517525890667211},
    {10.5, 2.3030010342976864},
    {25.0, 3.198742512851974},
    {1000.0, 6.9072551956488121},
    {100000000.0, 18.420680738952365},
    {1000000000000000.0, 34.538776394910685},
    {1e+300, 690.77552789821371},
};

constexpr ConditionedPoint digamma_negative_points[] = {
    {-1e-300, 9.9999999999999997e+299, 1.0},
    {-1e-08, 9.9999999422784317e+7, 1.0},
    {-0.25, 2.9141391202135278, 1.59},
    {-0.5, 0.036489973978576521, 122.0},
    {-0.5040830082644554, 7.2897639029768949e-17, 6.18e+16},
    {-0.75, -2.8941202000429321, 4.92},
    {-1.5, 0.70315664064524319, 20.0},
    {-2.75, -1.959055264977997, 27.3},
    {-10.1, 12.030052248548309, 86.7},
    {-99.999, -995.38655822240487, 100000.0},
    {-1000.5, 6.9087548208986715, 1430.0},
};

constexpr OrderPoint polygamma_points[] = {
    {1.0, 1e-100, 9.9999999999999996e+199, 2.0},
    {1.0, -1e-100, 9.9999999999999996e+199, 2.0},
    {1.0, 0.001, 1000001.6425331958, 2.0},
    {1.0, 0.5, 4.9348022005446793, 1.71},
    {1.0, 1.0, 1.6449340668482264, 1.46},
    {1.0, 1.4616321449683622, 0.96767224544762125, 1.34},
    {1.0, 2.0, 0.64493406684822644, 1.25},
    {1.0, 3.5, 0.33035775610023486, 1.15},
    {1.0, 11.2, 0.093390125637700184, 1.05},
    {1.0, 11.3, 0.09252663707965436, 1.04},
    {1.0, 50.0, 0.020201333226697126, 1.01},
    {1.0, 10000000000.0, 1.00000000005e-10, 1.0},
    {1.0, 1e+300, 9.9999999999999995e-301, 1.0},
    {1.0, -0.25, 18.541879647671606, 1.65},
    {1.0, -0.5, 8.9348022005446793, 0.0464},
    {1.0, -2.75, 19.433868949488464, 17.6},
    {1.0, -1e-05, 1.0000000001644956e+10, 2.0},
    {1.0, -20.4, 10.863728492268651, 41.8},
    {2.0, 1e-50, -2.0e+150, 3.0},
    {2.0, 0.25, -129.32773993753692, 2.97},
    {2.0, 1.0, -2.4041138063191886, 2.7},
    {2.0, 1e-08, -1.9999999999999999e+24, 3.0},
    {2.0, 2.0, -0.40411380631918857, 2.44},
    {2.0, -2.75, -124.11765305971518, 34.5},
    {2.0, 12.5, -0.0069324365857882408, 2.08},
    {2.0, 1e+100, -9.9999999999999997e-201, 2.0},
    {2.0, -0.3, 67.63908119988316, 3.4},
    {2.0, -0.5, -0.82879664423432, 117.0},
    {2.0, -1.9, -1998.8263854583737, 57.0},
    {3.0, 0.5, 97.409091034002437, 3.96},
    {3.0, 2.0, 0.49393940226682915, 3.59},
    {3.0, 100.0, 2.030199990001333e-6, 3.01},
    {3.0, -2.75, 1558.4897512832936, 43.2},
    {3.0, -0.5, 193.40909103400244, 0.00898},
    {4.0, 1.5, -3.4742498266672252, 4.8},
    {4.0, -0.7, -9740.6709116581038, 11.9},
    {4.0, 30.0, -7.914941340181024e-6, 4.07},
    {5.0, 0.1, 1.2000006930751093e+8, 6.0},
    {5.0, 1.0, 122.0811674381339, 5.95},
    {5.0, 17.0, 1.9534614152704321e-5, 5.14},
    {5.0, -1.2, 1875501.7837551631, 36.0},
    {7.0, 2.5, 3.5652363525231314, 7.82},
    {7.0, -3.3, 7.6905684278948795e+7, 87.9},
    {10.0, 0.3, -2.0484684241780744e+12, 11.0},
    {10.0, 1.0, -3630593.3116066287, 11.0},
    {10.0, 2.0, -1793.311606628713, 11.0},
    {10.0, 25.0, -4.6216645150488319e-9, 10.2},
    {10.0, 1e+30, -3.6287999999999993e-295, 10.0},
    {10.0, -0.4, 8.5517084631512746e+10, 11.2},
    {20.0, 3.0, -2.3314155611225682e+8, 21.0},
    {100.0, 1.0, -9.3326215443944153e+157, 101.0},
};

constexpr ConditionedPoint lgamma_points[] = {
    {1e-300, 690.77552789821371, 0.00145},
    {-1e-300, 690.77552789821371, 0.00145},
    {1e-08, 18.420680738180209, 0.0543},
    {0.1, 2.2527126517342059, 0.463},
    {0.5, 0.57236494292470009, 1.72},
    {0.9, 0.066376239734742954, 10.2},
    {1.0000001, -5.7721558299185071e-8, 10000000.0},
    {1.2, -0.085374090003315837, 4.06},
    {1.4616321449683622, -0.12148629053584961, 1.11e-15},
    {1.75, -0.084401121020485556, 5.13},
    {1.9999, -4.2275208772153458e-5, 20000.0},
    {2.0001, 4.2281658112919946e-5, 20000.0},
    {2.5, 0.28468287047291916, 6.17},
    {3.0, 0.69314718055994531, 3.99},
    {4.0, 1.791759469228055, 2.8},
    {7.25, 7.0521854507385394, 1.96},
    {10.0, 12.80182748008147, 1.76},
    {50.5, 146.51925549072063, 1.35},
    {100.0, 359.1342053695754, 1.28},
    {171.5, 709.14316303092824, 1.24},
    {1000.0, 5905.2204232091812, 1.17},
    {1000000.0, 1.2815504569147612e+7, 1.08},
    {10000000000.0, 2.2025850928881058e+11, 1.05},
    {1e+100, 2.2925850929940457e+102, 1.0},
    {1e+300, 6.8977552789821374e+302, 1.0},
    {-0.5, 1.2655121234846454, 0.0144},
    {-1.5, 0.86004701537648101, 1.23},
    {-2.4, 0.10258361596827728, 48.9},
    {-2.75, 0.0044878975359557733, 1200.0},
    {-3.5, -1.309006684993042, 3.71},
    {-10.25, -14.203997900931091, 3.98},
    {-50.5, -149.29649894115254, 1.33},
};

}  // namespace

TEST_CASE("erfinv agrees with the reference to about an ulp and is odd") {
  for (const Point& point : erfinv_points) {
    CAPTURE(point.x);
    CHECK(relative_error(erfinv(point.x), point.value) < 5e-16);
    CHECK(erfinv(-point.x) == -erfinv(point.x));
  }
}

TEST_CASE("erfinv at the ends of its domain") {
  CHECK(erfinv(1.0) == inf);
  CHECK(erfinv(-1.0) == -inf);
  CHECK(is_positive_zero(erfinv(0.0)));
  CHECK(is_negative_zero(erfinv(-0.0)));
  for (const double outside : {1.0000000000000002, -1.0000000000000002, 2.0, inf, nan_value}) {
    CAPTURE(outside);
    CHECK(std::isnan(erfinv(outside)));
  }
}

TEST_CASE("erfinv has no jump where its formula changes") {
  // 1e-8, 1/2 and the y with -ln(1 - y^2) = 5.
  for (const double boundary : {1e-8, 0.5, 0.9966253323094464}) {
    CAPTURE(boundary);
    const double below = erfinv(std::nextafter(boundary, 0.0));
    const double above = erfinv(std::nextafter(boundary, 1.0));
    CHECK(relative_error(above, below) < 1e-14);
  }
}

TEST_CASE("digamma agrees with the reference for positive arguments, also at its root") {
  for (const Point& point : digamma_positive_points) {
    CAPTURE(point.x);
    CHECK(relative_error(digamma(point.x), point.value) < 6e-16);
  }
}

TEST_CASE("digamma agrees with the reference for negative arguments") {
  for (const ConditionedPoint& point : digamma_negative_points) {
    CAPTURE(point.x);
    CHECK(relative_error(digamma(point.x), point.value) < 6e-16 * (1.0 + point.condition));
  }
}

TEST_CASE("digamma at its poles, infinities and NaN") {
  CHECK(digamma(0.0) == -inf);
  CHECK(digamma(-0.0) == inf);
  for (const double pole : {-1.0, -2.0, -1000.0, -1e300}) {
    CAPTURE(pole);
    CHECK(std::isnan(digamma(pole)));
  }
  CHECK(digamma(inf) == inf);
  CHECK(std::isnan(digamma(-inf)));
  CHECK(std::isnan(digamma(nan_value)));
  CHECK(digamma(std::numeric_limits<double>::denorm_min()) == -inf);
}

TEST_CASE("polygamma agrees with the reference") {
  for (const OrderPoint& point : polygamma_points) {
    CAPTURE(point.order);
    CAPTURE(point.x);
    const double error = relative_error(polygamma(point.order, point.x), point.value);
    CHECK(error < 6e-16 * (1.0 + point.condition));
  }
}

TEST_CASE("polygamma of order 0 is digamma") {
  for (const double x : {1e-300, 0.3, 1.4616321449683622, 7.0, 1e10, -0.7, -33.3}) {
    CAPTURE(x);
    CHECK(polygamma(0.0, x) == digamma(x));
    CHECK(polygamma(-0.0, x) == digamma(x));
  }
}

TEST_CASE("polygamma is NaN for an order that is not an integer or is out of range") {
  for (const double order : {-1.0, 0.5, 1.5, -0.5, 101.0, 1e300, inf, -inf, nan_value}) {
    CAPTURE(order);
    CHECK(std::isnan(polygamma(order, 1.5)));
  }
}

TEST_CASE("polygamma at its poles, infinities and NaN") {
  for (const double odd : {1.0, 3.0, 9.0}) {
    CAPTURE(odd);
    CHECK(polygamma(odd, 0.0) == inf);
    CHECK(polygamma(odd, -0.0) == inf);
    CHECK(polygamma(odd, -3.0) == inf);
    CHECK(is_positive_zero(polygamma(odd, inf)));
    CHECK(std::isnan(polygamma(odd, -inf)));
    CHECK(std::isnan(polygamma(odd, nan_value)));
  }
  for (const double even : {2.0, 4.0, 10.0}) {
    CAPTURE(even);
    CHECK(polygamma(even, 0.0) == -inf);
    CHECK(polygamma(even, -0.0) == inf);
    CHECK(std::isnan(polygamma(even, -3.0)));
    CHECK(is_negative_zero(polygamma(even, inf)));
    CHECK(std::isnan(polygamma(even, -inf)));
    CHECK(std::isnan(polygamma(even, nan_value)));
  }
}

TEST_CASE("polygamma overflows and underflows to the right sign") {
  CHECK(polygamma(1.0, 1e-300) == inf);
  CHECK(polygamma(1.0, -1e-300) == inf);
  CHECK(polygamma(2.0, 1e-300) == -inf);
  CHECK(polygamma(2.0, -1e-300) == inf);
  CHECK(is_negative_zero(polygamma(2.0, 1e300)));
  CHECK(is_positive_zero(polygamma(3.0, 1e300)));
}

TEST_CASE("lgamma_value agrees with the reference") {
  for (const ConditionedPoint& point : lgamma_points) {
    CAPTURE(point.x);
    CHECK(relative_error(lgamma_value(point.x), point.value) < 1e-15 * (1.0 + point.condition));
  }
}

TEST_CASE("lgamma_value at its zeros, poles, infinities and NaN") {
  CHECK(lgamma_value(1.0) == 0.0);
  CHECK(lgamma_value(2.0) == 0.0);
  for (const double pole : {0.0, -0.0, -1.0, -2.0, -1e300, inf, -inf, 1e308}) {
    CAPTURE(pole);
    CHECK(lgamma_value(pole) == inf);
  }
  CHECK(std::isnan(lgamma_value(nan_value)));
}

#if defined(__GLIBC__)
TEST_CASE("lgamma_value leaves the global sign of the C library alone") {
  signgam = 7;
  CHECK(lgamma_value(-0.5) > 0.0);  // Gamma(-0.5) < 0, so std::lgamma would store -1
  CHECK(signgam == 7);
}
#endif

TEST_CASE("scaled_bessel has a highest order") {
  CHECK(chainrule::scaled_bessel(chainrule::scaled_bessel_max_order, 1.0) ==
        0.0);  // below the smallest double
  for (const double order : {chainrule::scaled_bessel_max_order + 1.0, 1e300, HUGE_VAL, -1.0, 0.5})
    CHECK(std::isnan(chainrule::scaled_bessel(order, 1.0)));
}

// Reference derivatives of high accuracy: hyper-dual numbers in long double (Fike, Alonso 2011).
// This file shares no code with the library.
#pragma once

#include <cmath>
#include <vector>

namespace chainrule::testing {

/// v + a e1 + b e2 + ab e1 e2 with e1^2 = e2^2 = 0. A function of such numbers has its first
/// derivatives along two directions in a and b, and the mixed second derivative in ab.
struct HyperDual {
  long double v = 0.0L, a = 0.0L, b = 0.0L, ab = 0.0L;

  HyperDual() = default;
  HyperDual(long double value) : v(value) {}
  HyperDual(long double value, long double da, long double db, long double dab)
      : v(value), a(da), b(db), ab(dab) {}
};
using HyperDuals = std::vector<HyperDual>;

/// f(x) from f, f' and f'' at x.v.
inline HyperDual chained(const HyperDual& x, long double f, long double df, long double ddf) {
  return {f, df * x.a, df * x.b, df * x.ab + ddf * x.a * x.b};
}

inline HyperDual operator+(const HyperDual& x, const HyperDual& y) {
  return {x.v + y.v, x.a + y.a, x.b + y.b, x.ab + y.ab};
}
inline HyperDual operator-(const HyperDual& x) { return {-x.v, -x.a, -x.b, -x.ab}; }
inline HyperDual operator-(const HyperDual& x, const HyperDual& y) { return x + -y; }
inline HyperDual operator*(const HyperDual& x, const HyperDual& y) {
  return {x.v * y.v, x.v * y.a + x.a * y.v, x.v * y.b + x.b * y.v,
          x.v * y.ab + x.a * y.b + x.b * y.a + x.ab * y.v};
}
inline HyperDual reciprocal(const HyperDual& x) {
  const long double r = 1.0L / x.v;
  return chained(x, r, -r * r, 2.0L * r * r * r);
}
inline HyperDual operator/(const HyperDual& x, const HyperDual& y) { return x * reciprocal(y); }
inline HyperDual sqrt(const HyperDual& x) {
  const long double r = std::sqrt(x.v);
  return chained(x, r, 0.5L / r, -0.25L / (r * x.v));
}
inline HyperDual exp(const HyperDual& x) {
  const long double r = std::exp(x.v);
  return chained(x, r, r, r);
}
inline HyperDual log(const HyperDual& x) {
  return chained(x, std::log(x.v), 1.0L / x.v, -1.0L / (x.v * x.v));
}
inline HyperDual log1p(const HyperDual& x) {
  const long double r = 1.0L / (1.0L + x.v);
  return chained(x, std::log1p(x.v), r, -r * r);
}
inline HyperDual pow(const HyperDual& x, long double p) {
  return chained(x, std::pow(x.v, p), p * std::pow(x.v, p - 1.0L),
                 p * (p - 1.0L) * std::pow(x.v, p - 2.0L));
}
inline HyperDual abs(const HyperDual& x) { return x.v < 0.0L ? -x : x; }

inline HyperDual sum_of(const HyperDuals& x) {
  HyperDual sum;
  for (const HyperDual& each : x) sum = sum + each;
  return sum;
}

}  // namespace chainrule::testing

// Var in place of a double: increments, remainders, mixed operands, std::numeric_limits.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <type_traits>

#include "autodiff/autodiff.hpp"

using namespace chainrule;

namespace {

/// Whether an expression of two types compiles.
template <class X, class Y>
concept HasRemainder = requires(X x, Y y) {
  x % y;
};

/// The largest of some numbers, written for any type of numbers.
template <class T>
T greatest(std::initializer_list<T> numbers) {
  T best = std::numeric_limits<T>::lowest();
  for (const T& number : numbers)
    if (number > best) best = number;
  return best;
}

}  // namespace

TEST_CASE("prefix and postfix increments and decrements are recorded as sums") {
  Graph graph;
  const Var start = variable(2.0);
  Var x = start;
  const Var after = ++x;
  const Var before = x++;
  CHECK(after.value() == 3.0);
  CHECK(before.value() == 3.0);
  CHECK(x.value() == 4.0);
  CHECK((--x).value() == 3.0);
  CHECK((x--).value() == 3.0);
  CHECK(x.value() == 2.0);
  ++(++x);  // an lvalue, as for numbers
  CHECK(x.value() == 4.0);
  CHECK(gradient(x * x)[start] == 8.0);
  CHECK(derivative(derivative(x * x, start), start).value() == 2.0);
  CHECK(gradient(before)[start] == 1.0);

  Var constant = 1;
  CHECK((constant++).is_constant());
  CHECK((++constant).value() == 3.0);
  Var infinite = std::numeric_limits<double>::infinity(), nan = std::nan("");
  CHECK((++infinite).value() == std::numeric_limits<double>::infinity());
  CHECK(std::isnan((--nan).value()));
}

TEST_CASE("% and %= are fmod, with its derivatives") {
  Graph graph;
  const Var x = variable(7.5), y = variable(-2.0);
  CHECK((x % y).value() == std::fmod(7.5, -2.0));
  CHECK((-x % y).value() == std::fmod(-7.5, -2.0));
  CHECK((x % 2).value() == 1.5);
  CHECK((7 % y).value() == 1.0);
  CHECK((x % 0.5f).value() == 0.0);
  CHECK(std::signbit((-x % 0.5f).value()));
  const Gradient d = gradient(x % y);
  CHECK(d[x] == 1.0);
  CHECK(d[y] == 3.0);
  Var r = x;
  r %= 2;
  CHECK(r.value() == 1.5);
  CHECK(gradient(r * r)[x] == 3.0);
  CHECK(derivative(derivative(r * r, x), x).value() == 2.0);
  CHECK(std::isnan((x % 0).value()));
  CHECK((1.0 + x % 2 * 3).value() == 5.5);  // the precedence is that of a product

  static_assert(HasRemainder<Var, int> && HasRemainder<float, Var>);
}

TEST_CASE("numbers of every type mix with Vars in every operator") {
  const auto with = [](auto n) {
    Graph graph;
    const double c = static_cast<double>(n);
    CAPTURE(c);
    const Var x = variable(3.0);
    Var y = x;
    y += n;
    CHECK(y.value() == 3.0 + c);
    y -= n;
    CHECK(y.value() == 3.0);
    y *= n;
    CHECK(y.value() == 3.0 * c);
    CHECK(gradient(y)[x] == c);
    y /= n;
    CHECK(y.value() == 3.0);
    y %= n;
    CHECK(y.value() == std::fmod(3.0, c));
    CHECK((x % n).value() == std::fmod(3.0, c));
    CHECK((n % x).value() == std::fmod(c, 3.0));
    CHECK(bool(x > n) == (3.0 > c));
    CHECK(bool(n > x) == (c > 3.0));
    CHECK(bool(x >= n) == (3.0 >= c));
    CHECK(bool(n < x) == (c < 3.0));
    CHECK(bool(x != n) == (3.0 != c));
    CHECK(bool(n == x) == (c == 3.0));
    y = n;
    CHECK(y.is_constant());
    CHECK(y.value() == c);
  };
  with(2.0f);
  with(0.5f);
  with(2);
  with(2u);
  with(2l);
  with(2ull);
  with(short{2});
  with('\2');
  with(true);
  with(2.5L);
}

TEST_CASE("the numeric limits of Var are those of double") {
  using Limits = std::numeric_limits<Var>;
  using Doubles = std::numeric_limits<double>;
  static_assert(Limits::is_specialized && Limits::is_iec559 && !Limits::is_integer);
  static_assert(Limits::digits == Doubles::digits && Limits::digits10 == Doubles::digits10);
  static_assert(Limits::max_exponent == Doubles::max_exponent && Limits::has_quiet_NaN);
  static_assert(std::is_same_v<decltype(Limits::max()), Var>);
  static_assert(std::numeric_limits<const Var>::is_specialized);
  CHECK(Limits::min().value() == Doubles::min());
  CHECK(Limits::max().value() == Doubles::max());
  CHECK(Limits::lowest().value() == Doubles::lowest());
  CHECK(Limits::epsilon().value() == Doubles::epsilon());
  CHECK(Limits::round_error().value() == Doubles::round_error());
  CHECK(Limits::infinity().value() == Doubles::infinity());
  CHECK(Limits::denorm_min().value() == Doubles::denorm_min());
  CHECK(std::isnan(Limits::quiet_NaN().value()));
  CHECK(std::isnan(Limits::signaling_NaN().value()));
  CHECK(Limits::infinity().is_constant());

  Graph graph;
  const Var x = variable(2.0), y = variable(3.0);
  CHECK(gradient(greatest({x, y}))[y] == 1.0);
}

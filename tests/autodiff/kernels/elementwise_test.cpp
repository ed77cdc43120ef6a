// Every operation in the list, as a loop over arrays, against its scalar rule: for every
// instruction set that this processor has, in float and in double.
#include <doctest/doctest.h>

#include <random>
#include <string>

#include "autodiff/kernels/dispatch.hpp"
#include "tests/support/loops.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

std::vector<Point> random_points(const Operation& operation) {
  std::mt19937_64 generator(19);
  std::uniform_real_distribution<double> uniform(-1.0, 1.0);
  const std::string_view name = operation.notation.name;
  std::vector<Point> points;
  // Around each ordinary point, and over narrow and wide ranges, some of them on a logarithmic
  // scale.
  for (const Point& ordinary : ordinary_points(operation))
    for (int i = 0; i < 40; ++i) {
      points.push_back(ordinary);
      for (int k = 0; k < operation.arity; ++k)
        if (!is_order(name, k) && name != "select")
          points.back()[std::size_t(k)] *= std::exp(uniform(generator) * (i % 2 == 0 ? 0.3 : 3.0));
    }
  for (int i = 0; i < 800; ++i) {
    Point point{};
    for (int k = 0; k < operation.arity; ++k) {
      const double u = uniform(generator);
      double& x = point[std::size_t(k)];
      if (is_order(name, k))
        x = i % 4;
      else if (name == "select" && k == 0)
        x = i % 2;
      else if (i % 4 == 3)
        x = std::copysign(std::exp(30.0 * uniform(generator)), u);
      else
        x = u * (i % 4 == 0 ? 2.0 : i % 4 == 1 ? 10.0 : 100.0);
    }
    points.push_back(point);
  }
  return points;
}

/// All combinations of numbers at which functions are special or their vector implementations
/// change.
template <class T>
std::vector<Point> special_points(const Operation& operation) {
  using Limits = std::numeric_limits<T>;
  std::vector<double> numbers;
  for (const T number : {T(0),
                         Limits::denorm_min(),
                         T(Limits::min() / 2),
                         Limits::min(),
                         T(1e-30),
                         T(1e-9),
                         T(0.5),
                         std::nextafter(T(0.5), T(0)),
                         T(1),
                         T(1.5),
                         T(3),
                         T(6),
                         T(9.7),
                         T(26.8),
                         T(88.5),
                         T(100),
                         T(709.5),
                         T(720),
                         T(1e5),
                         T(1e10),
                         T(1e30),
                         Limits::max(),
                         Limits::infinity(),
                         Limits::quiet_NaN()})
    for (const T sign : {T(1), T(-1)}) numbers.push_back(static_cast<double>(sign * number));
  const std::vector<double> orders = {0.0, 1.0, 2.0, 3.0, -1.0, 0.5};
  const std::vector<double> few = {0.0,
                                   -0.0,
                                   1.0,
                                   -1.5,
                                   Limits::infinity(),
                                   -Limits::infinity(),
                                   2.0,
                                   static_cast<double>(Limits::max()),
                                   Limits::quiet_NaN()};
  const std::vector<double> none = {0.0};
  const int arity = operation.arity;
  const auto& first = is_order(operation.notation.name, 0) ? orders : arity == 3 ? few : numbers;
  std::vector<Point> points;
  for (const double x : first)
    for (const double y : arity == 1 ? none : arity == 3 ? few : numbers)
      for (const double z : arity == 3 ? few : none) points.push_back({x, y, z});
  return points;
}

/// The worst element of a loop, in multiples of the allowed error.
template <class T>
void check_loop(const Operation& operation, const ElementwiseLoops& loops, int which,
                const Columns<T>& columns) {
  std::vector<T> out(columns.size());
  const Stream x[] = {{columns.x[0].data()}, {columns.x[1].data()}, {columns.x[2].data()}};
  const bool exists = run(loops, which, x, columns, out.data(), out.size());
  double worst = 0.0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double point[] = {double(columns.x[0][i]), double(columns.x[1][i]),
                            double(columns.x[2][i])};
    const double want = columns.expected(operation, which, i);
    if (!exists) {
      // There is no loop: the derivative is always a structural zero.
      REQUIRE(ulps(-0.0, want) == 0.0);
      continue;
    }
    const Tolerance allowed = tolerance(operation.notation.name, which, sizeof(T) == 4, point);
    const double error = ulps(out[i], want, allowed.scale) / allowed.ulps;
    if (error > worst) {
      worst = error;
      at = i;
    }
  }
  CAPTURE(which);
  CAPTURE(columns.x[0][at]);
  CAPTURE(columns.x[1][at]);
  CAPTURE(columns.x[2][at]);
  CAPTURE(columns.adjoint[at]);
  CAPTURE(out[at]);
  CAPTURE(columns.expected(operation, which, at));
  CHECK(worst <= 1.0);
}

template <class T, class Points>
void check_all_operations(Points points) {
  for (const char* name : available_instruction_sets()) {
    const std::string instructions = name;
    CAPTURE(instructions);
    select_instruction_set(name);
    int index = 0;
    for (const Operation& operation : operations()) {
      const ElementwiseLoops& loops = elementwise_loops(index++, dtype_of<T>);
      const std::string word = operation.notation.name;
      CAPTURE(word);
      CAPTURE(sizeof(T));
      REQUIRE(loops.arity == operation.arity);
      const Columns<T> columns(operation, points(operation));
      for (int which = -1; which < operation.arity; ++which)
        check_loop(operation, loops, which, columns);
    }
  }
  select_instruction_set("");
}

}  // namespace

TEST_CASE("loops over doubles agree with the scalar rules at random points") {
  check_all_operations<double>(random_points);
}

TEST_CASE("loops over floats agree with the rounded scalar rules at random points") {
  check_all_operations<float>(random_points);
}

TEST_CASE("loops over doubles agree with the scalar rules at special points") {
  check_all_operations<double>(special_points<double>);
}

TEST_CASE("loops over floats agree with the rounded scalar rules at special points") {
  check_all_operations<float>(special_points<float>);
}

TEST_CASE("the index of a rule is its position in the list") {
  static_assert(index_of<rules::Add> == 0);
  static_assert(index_of<rules::Hardshrink> == Operations::size - 1);
  const Operation* listed = operations().begin();
  CHECK(std::string_view(listed[index_of<rules::Less>].notation.name) == "less");
  CHECK(std::string_view(listed[index_of<rules::Sinc>].notation.name) == "sinc");
}

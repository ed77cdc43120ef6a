// How loops access arrays: tails, repeated operands, outputs that are operands, and adjoints that
// are not reached. elementwise_test.cpp checks the numbers.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "autodiff/kernels/dispatch.hpp"
#include "tests/support/loops.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

constexpr std::size_t longest = 2 * 16 + 3;  // more than two AVX-512 packs of floats

/// `count` points, which repeat the ordinary points of the operation.
std::vector<Point> some_points(const Operation& operation, std::size_t count) {
  const std::vector<Point> ordinary = ordinary_points(operation);
  std::vector<Point> points;
  for (std::size_t i = 0; i < count; ++i) points.push_back(ordinary[i % ordinary.size()]);
  return points;
}

/// Runs `check(operation, loops)` for every operation and instruction set.
template <class T, class Check>
void for_all_loops(Check check) {
  for (const char* name : available_instruction_sets()) {
    const std::string instructions = name;
    CAPTURE(instructions);
    select_instruction_set(name);
    int index = 0;
    for (const Operation& operation : operations()) {
      const std::string word = operation.notation.name;
      CAPTURE(word);
      CAPTURE(sizeof(T));
      check(operation, elementwise_loops(index++, dtype_of<T>));
    }
  }
  select_instruction_set("");
}

/// The number of elements that differ from the scalar rule.
template <class T>
int faults(const Operation& operation, int which, const Columns<T>& columns, const T* out,
           std::size_t n) {
  int count = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double point[] = {double(columns.x[0][i]), double(columns.x[1][i]),
                            double(columns.x[2][i])};
    const Tolerance allowed = tolerance(operation.notation.name, which, sizeof(T) == 4, point);
    const double want = columns.expected(operation, which, i);
    if (!(ulps(out[i], want, allowed.scale) <= allowed.ulps)) ++count;
  }
  return count;
}

TEST_CASE_TEMPLATE("every length, aligned or not, and nothing is written past the end", T, float,
                   double) {
  for_all_loops<T>([](const Operation& operation, const ElementwiseLoops& loops) {
    const Columns<T> columns(operation, some_points(operation, longest));
    for (int which = -1; which < operation.arity; ++which)
      for (std::size_t n = 0; n <= longest; ++n) {
        // One element after the aligned start of an array.
        std::vector<T> shifted[max_arity], out(longest + 2, T(77));
        Stream x[max_arity] = {};
        for (std::size_t k = 0; k < max_arity; ++k) {
          shifted[k].resize(n + 1);
          std::copy_n(columns.x[k].begin(), n, shifted[k].begin() + 1);
          x[k] = {shifted[k].data() + 1};
        }
        if (!run(loops, which, x, columns, out.data() + 1, n)) continue;
        CAPTURE(n);
        CAPTURE(which);
        REQUIRE(faults(operation, which, columns, out.data() + 1, n) == 0);
        REQUIRE(out[0] == T(77));
        REQUIRE(std::count(out.begin() + 1 + std::ptrdiff_t(n), out.end(), T(77)) ==
                std::ptrdiff_t(longest + 1 - n));
      }
  });
}

TEST_CASE_TEMPLATE("operands that repeat one element", T, float, double) {
  for_all_loops<T>([](const Operation& operation, const ElementwiseLoops& loops) {
    std::vector<Point> points = some_points(operation, longest);
    for (unsigned repeated = 1; repeated < 1u << operation.arity; ++repeated) {
      for (Point& point : points)
        for (std::size_t k = 0; k < max_arity; ++k)
          if (repeated >> k & 1) point[k] = points[0][k];
      const Columns<T> columns(operation, points);
      Stream x[max_arity] = {};
      T first[max_arity];
      for (std::size_t k = 0; k < max_arity; ++k) {
        first[k] = columns.x[k][0];
        x[k] = repeated >> k & 1 ? Stream{&first[k], true} : Stream{columns.x[k].data()};
      }
      for (int which = -1; which < operation.arity; ++which) {
        std::vector<T> out(longest);
        if (!run(loops, which, x, columns, out.data(), longest)) continue;
        CAPTURE(repeated);
        CAPTURE(which);
        REQUIRE(faults(operation, which, columns, out.data(), longest) == 0);
      }
    }
  });
}

TEST_CASE_TEMPLATE("the output may be an operand, the result or the adjoint", T, float, double) {
  for_all_loops<T>([](const Operation& operation, const ElementwiseLoops& loops) {
    const Columns<T> columns(operation, some_points(operation, longest));
    for (int which = -1; which < operation.arity; ++which) {
      if (which >= 0 && loops.pullback[which] == nullptr) continue;
      CAPTURE(which);
      for (int same = 0; same < operation.arity + (which < 0 ? 0 : 2); ++same) {
        CAPTURE(same);
        std::vector<T> x[max_arity] = {columns.x[0], columns.x[1], columns.x[2]};
        std::vector<T> result = columns.result, adjoint = columns.adjoint;
        std::vector<T>& out = same < operation.arity    ? x[same]
                              : same == operation.arity ? result
                                                        : adjoint;
        const Stream streams[] = {{x[0].data()}, {x[1].data()}, {x[2].data()}};
        if (which < 0)
          loops.value(streams, out.data(), longest);
        else
          loops.pullback[which](streams, {result.data()}, {adjoint.data()}, out.data(), false,
                                longest);
        REQUIRE(faults(operation, which, columns, out.data(), longest) == 0);
      }
    }
  });
}

TEST_CASE_TEMPLATE("contributions add up, and elements that are not reached stay so", T, float,
                   double) {
  for_all_loops<T>([](const Operation& operation, const ElementwiseLoops& loops) {
    const Columns<T> columns(operation, some_points(operation, longest));
    const Stream x[] = {{columns.x[0].data()}, {columns.x[1].data()}, {columns.x[2].data()}};
    for (int k = 0; k < operation.arity; ++k) {
      if (loops.pullback[k] == nullptr) continue;
      std::vector<T> once(longest), sum(longest);
      for (std::size_t i = 0; i < longest; ++i) sum[i] = i % 3 == 0 ? T(-0.0) : T(2.5);
      const std::vector<T> before = sum;
      loops.pullback[k](x, {columns.result.data()}, {columns.adjoint.data()}, once.data(), false,
                        longest);
      loops.pullback[k](x, {columns.result.data()}, {columns.adjoint.data()}, sum.data(), true,
                        longest);
      CAPTURE(k);
      for (std::size_t i = 0; i < longest; ++i) {
        CAPTURE(i);
        // Floats that are computed in double are rounded after the sum.
        const double want = double(before[i]) + double(once[i]);
        REQUIRE(ulps(sum[i], want,
                     std::max(std::abs(double(before[i])), std::abs(double(once[i])))) <= 2.0);
      }
    }
  });
}

template <class Rule, class T>
T contribution(int k, std::vector<T> x, T adjoint, T result = T(0)) {
  Stream streams[max_arity] = {};
  for (std::size_t i = 0; i < x.size(); ++i) streams[i] = {&x[i], true};
  std::vector<T> out(5, T(77));
  elementwise_loops(index_of<Rule>, dtype_of<T>)
      .pullback[k](streams, {&result, true}, {&adjoint, true}, out.data(), false, out.size());
  for (const T& element : out) CHECK(ulps(element, double(out[0])) == 0.0);
  return out[0];
}

bool is_nothing(double x) { return x == 0.0 && std::signbit(x); }

TEST_CASE_TEMPLATE("infinite partials have no effect where nothing flows", T, float, double) {
  const T infinity = std::numeric_limits<T>::infinity();
  for (const char* name : available_instruction_sets()) {
    const std::string instructions = name;
    CAPTURE(instructions);
    select_instruction_set(name);
    // The slope of sqrt and of the reciprocal at 0 is infinite.
    CHECK(is_nothing(contribution<rules::Sqrt, T>(0, {T(0)}, T(-0.0), T(0))));
    CHECK(is_nothing(contribution<rules::Reciprocal, T>(0, {T(0)}, T(-0.0), infinity)));
    CHECK(contribution<rules::Sqrt, T>(0, {T(0)}, T(1), T(0)) == infinity);
    // A number 0 is multiplied.
    CHECK(std::isnan(contribution<rules::Sqrt, T>(0, {T(0)}, T(0), T(0))));
    // The branch that was not taken is not reached by an infinite adjoint.
    CHECK(is_nothing(contribution<rules::Select, T>(2, {T(1), T(2), T(3)}, infinity)));
    CHECK(contribution<rules::Select, T>(1, {T(1), T(2), T(3)}, infinity) == infinity);
    CHECK(is_nothing(contribution<rules::Relu, T>(0, {T(0)}, infinity)));
    CHECK(is_nothing(contribution<rules::Max, T>(1, {T(2), T(1)}, infinity)));
    CHECK(contribution<rules::Max, T>(1, {T(2), T(2)}, T(3)) == T(1.5));
    // A contribution that is zero, or too small for its type, reaches the element.
    CHECK_FALSE(is_nothing(contribution<rules::Multiply, T>(0, {T(1), T(-0.0)}, T(1))));
    CHECK_FALSE(
        is_nothing(contribution<rules::Silu, T>(0, {T(-300)}, -std::numeric_limits<T>::min())));
    CHECK_FALSE(is_nothing(contribution<rules::Gelu, T>(0, {T(-60)}, T(1))));
  }
  select_instruction_set("");
}

}  // namespace

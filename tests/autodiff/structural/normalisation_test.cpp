// Softmax and its family, layer normalisation: values, derivatives, and limits at infinity.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "autodiff/autodiff.hpp"
#include "tests/support/tensor_differences.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

void check_numbers(const Array& found, const std::vector<double>& expected,
                   double epsilon = 1e-14) {
  REQUIRE(found.size() == static_cast<std::int64_t>(expected.size()));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    const double x = found.element(static_cast<std::int64_t>(i));
    if (std::isfinite(expected[i]))
      CHECK(x == doctest::Approx(expected[i]).epsilon(epsilon));
    else
      CHECK(x == expected[i]);
  }
}

}  // namespace

TEST_CASE("softmax, its logarithm and logsumexp agree with their formulas in every layout") {
  for (const std::int64_t size : {1, 2, 10, 16, 33, 200})
    for (const DType dtype : {DType::float64, DType::float32}) {
      const Array x = random_array({3, size}, 5, -4.0, 4.0, dtype);
      const double epsilon = dtype == DType::float64 ? 1e-13 : 1e-5;
      std::vector<double> probabilities, logarithms, sums;
      for (std::int64_t r = 0; r < 3; ++r) {
        double sum = 0.0;
        for (std::int64_t i = 0; i < size; ++i) sum += std::exp(x.element(r * size + i));
        sums.push_back(std::log(sum));
        for (std::int64_t i = 0; i < size; ++i) {
          probabilities.push_back(std::exp(x.element(r * size + i)) / sum);
          logarithms.push_back(x.element(r * size + i) - std::log(sum));
        }
      }
      for (const Array& layout : layouts_of(x)) {
        check_numbers(softmax(layout), probabilities, epsilon);
        check_numbers(log_softmax(layout, 1), logarithms, epsilon);
        check_numbers(logsumexp(layout, 1), sums, epsilon);
      }
    }
  const Array columns = softmax(random_array({4, 5, 3}), 1);
  for (const double total : numbers_of(sum(columns, 1))) CHECK(total == doctest::Approx(1.0));
}

TEST_CASE("any magnitude, and infinity") {
  const Array x = array_of({5, 3}, {1e300, 0, -1.5e308, 1000, 1000, 999, -infinity, 2, 2,  //
                                    -infinity, -infinity, -infinity, infinity, 1, infinity});
  const double e = std::exp(-1.0), s = 2.0 + e;
  check_numbers(softmax(x), {1, 0, 0, 1 / s, 1 / s, e / s, 0, 0.5, 0.5, 0, 0, 0, 0.5, 0, 0.5});
  check_numbers(log_softmax(x),
                {0, -1e300, -1.5e308 - 1e300, -std::log(s), -std::log(s), -1 - std::log(s),
                 -infinity, -std::log(2.0), -std::log(2.0), -infinity, -infinity, -infinity,
                 -std::log(2.0), -infinity, -std::log(2.0)});
  check_numbers(logsumexp(x, 1),
                {1e300, 1000 + std::log(s), 2 + std::log(2.0), -infinity, infinity});
  Graph graph;
  const Tensor v = variable(Tensor(array_of({2, 3}, {1, 2, 3, 4, 5, 6})));
  const Tensor y = logsumexp(v * array_of({2, 3}, {infinity, 1, 1, 1, 1, 1}) * -1.0, 1);
  CHECK(y.at({0}) == doctest::Approx(-2.0 + std::log(1.0 + e)));
  // No derivative flows to a row in which every element is -inf.
  const Tensor none =
      logsumexp(v + array_of({2, 3}, {-infinity, -infinity, -infinity, 0, 0, 0}), 1);
  CHECK(none.at({0}) == -infinity);
  const Var output = none.element({0}) + none.element({1});
  const Tensor first = derivative(output, v);
  check_numbers(gradient(output)[v].value(), numbers_of(first.value()));
  check_numbers(first.value(),
                {0, 0, 0, e * e / (1 + e + e * e), e / (1 + e + e * e), 1 / (1 + e + e * e)});
  for (const double d : numbers_of(derivative(Var(sum(square(first))), v).value()))
    CHECK(std::isfinite(d));
}

TEST_CASE("derivatives of softmax and its family, to second order") {
  for (const std::int64_t axis : {0, 1, -1})
    for (const Array& x : layouts_of(random_array({2, 3, 2}, 31))) {
      const int order = axis >= 0 ? 2 : 1;
      check_derivatives("softmax", [&](const auto& t) { return softmax(t[0], axis); }, {x},
                        {order});
      check_derivatives("log_softmax", [&](const auto& t) { return log_softmax(t[0], axis); }, {x},
                        {order});
    }
  check_derivatives("softmax of rows longer than packs",
                    [](const auto& t) { return softmax(t[0]); }, {random_array({2, 21}, 2)}, {1});
  check_derivatives("softmax of a repeated row", [](const auto& t) { return softmax(t[0]); },
                    {repeated_rows({2, 3})});
}

TEST_CASE("layernorm") {
  const Array x = array_of({2, 4}, {1, 2, 3, 6, 0.1, 0.1, 0.1, 0.1});
  const Array weight = array_of({4}, {1, 2, 0.5, -1}), bias = array_of({4}, {0, 1, 0, 3});
  const double s = 1.0 / std::sqrt(3.5 + 1e-5);
  for (const Array& layout : layouts_of(x))
    check_numbers(layernorm(layout, weight, bias), {-2 * s, 1 - 2 * s, 0, 3 - 3 * s, 0, 1, 0, 3});
  CHECK_THROWS_WITH_AS(
      layernorm(x, array_of({2}, {1, 1}), bias),
      "layernorm: for rows of the shape [2, 4] weight and bias must have the shape "
      "[4], not [2] and [4]",
      ShapeError);
  const auto f = [](const auto& t) { return layernorm(t[0], t[1], t[2], 0.1); };
  for (const Array& layout : layouts_of(random_array({2, 4}, 41)))
    check_derivatives("layernorm", f, {layout, weight, bias});
  check_derivatives("layernorm of rank 1", f, {random_array({4}, 42), weight, bias});
  check_derivatives("layernorm of more axes", f, {random_array({2, 2, 4}, 43), weight, bias}, {1});
}

TEST_CASE("third derivatives agree with differences of second ones") {
  const auto second = [](const std::vector<Tensor>& t, auto f) {
    const Tensor first = derivative(Var(sum(f(t[0]) * random_array({1, 4}, 7))), t[0]);
    return derivative(Var(sum(first * random_array({1, 4}, 8))), t[0]);
  };
  const auto check = [&](const char* name, auto f) {
    const Array point = random_array({1, 4}, 51), direction = random_array({1, 4}, 9);
    const auto value = [&](double shift) {
      Graph graph;
      const std::vector<Tensor> t = {variable(Tensor(point + direction * shift))};
      return numbers_of(second(t, f).value());
    };
    Graph graph;
    const std::vector<Tensor> t = {variable(Tensor(point))};
    // Second derivatives are symmetric, so the direction may be applied first or last.
    const Tensor third = derivative(Var(sum(second(t, f) * direction)), t[0]);
    const double h = 1e-3;
    const auto a = value(h), b = value(-h), c = value(2 * h), d = value(-2 * h);
    double expected = 0.0, found = 0.0;
    for (std::size_t i = 0; i < 4; ++i) {
      expected += direction.element(static_cast<std::int64_t>(i)) *
                  (8.0 * (a[i] - b[i]) - (c[i] - d[i])) / (12.0 * h);
      found += third.value().element(static_cast<std::int64_t>(i)) *
               direction.element(static_cast<std::int64_t>(i));
    }
    CAPTURE(name);
    CHECK(found == doctest::Approx(expected).epsilon(1e-8));
  };
  check("softmax", [](const Tensor& x) { return softmax(x); });
  check("log_softmax", [](const Tensor& x) { return log_softmax(x); });
  check("logsumexp", [](const Tensor& x) { return logsumexp(x, 1, true); });
  check("standardised", [](const Tensor& x) { return standardised(x, {0.1}); });
  check("norm", [](const Tensor& x) { return norm(x, 2.0, 1, true); });
  check("norm 4", [](const Tensor& x) { return norm(x, 4.0, 1, true); });
  check("stddev", [](const Tensor& x) { return stddev(x, 1, 1.0, true); });
  check("prod", [](const Tensor& x) { return prod(x, 1, true); });
}

TEST_CASE("adjoints of another shape than the result are an error") {
  const Array x = array_of({2, 3}, {1, 2, 3, 4, 5, 6}), a = array_of({3, 2}, {1, 2, 3, 4, 5, 6});
  CHECK_THROWS_WITH_AS(
      apply<rules::SoftmaxAdjoint>({-1}, x, a),
      "softmax_adjoint: results of shape [2, 3] and adjoints of shape [3, 2] differ", ShapeError);
  CHECK_THROWS_WITH_AS(
      apply<rules::LogSoftmaxAdjoint>({-1}, x, a),
      "log_softmax_adjoint: results of shape [2, 3] and adjoints of shape [3, 2] differ",
      ShapeError);
  CHECK_THROWS_WITH_AS(apply<rules::StandardisedAdjoint>({0.1}, x, a),
                       "standardised_adjoint: shapes [2, 3] and [3, 2] differ", ShapeError);
}

TEST_CASE("an adjoint of standardised() reaches whole rows along the last axis") {
  const Array x = random_array({2, 2, 2}), mask = array_of({2, 2, 2}, {0, 0, 0, 1, 0, 0, 0, 0});
  const Array reached = rules::StandardisedAdjoint::reached({0.1}, x, mask);
  CHECK(numbers_of(reached) == std::vector<double>{0, 0, 1, 1, 0, 0, 0, 0});
}

TEST_CASE("an adjoint that reaches one element of a row reaches the row, and no other row") {
  // The roots of the second row have infinite slopes, which an adjoint of 0 would turn into NaN.
  using Function = Tensor (*)(const Tensor&);
  const std::pair<const char*, Function> functions[] = {
      {"softmax", [](const Tensor& x) { return softmax(x); }},
      {"log_softmax", [](const Tensor& x) { return log_softmax(x); }},
      {"standardised", [](const Tensor& x) { return standardised(x, {0.5}); }},
      {"centred", [](const Tensor& x) { return centred(x, -1); }},
      {"cross_entropy", [](const Tensor& x) {
         return reshape(cross_entropy_with_logits(x, Indices{0, 1}, {.reduction = Reduction::none}),
                        {2, 1});
       }}};
  for (const auto& row : functions) {
    CAPTURE(row.first);
    Graph graph;
    const Tensor x = variable(tensor({{1.0, 4.0, 9.0}, {0.0, 0.0, 0.0}}));
    const Tensor out = sum(slice(row.second(sqrt(x)), {{0, 1}, {0, 1}}));
    const std::vector<double> swept = numbers_of(gradient(out)[x].value()),
                              recorded = numbers_of(derivative(out, x).value());
    for (std::size_t i = 0; i < 6; ++i) {
      CAPTURE(i);
      CHECK(swept[i] == doctest::Approx(recorded[i]));
      CHECK((swept[i] == 0.0) == (i >= 3));
    }
  }
}

#include "autodiff/transform/check.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "autodiff/core/error.hpp"
#include "autodiff/rules/operation.hpp"

using namespace chainrule;

namespace {

using Variables = std::span<const Var>;

/// sin with the sign of its derivative flipped.
struct WrongSin : Unary {
  static constexpr Notation notation = library_call("wrong_sin");
  static auto value(const auto& x) { return sin(x); }
  static auto dx(const auto& x, const auto&) { return -cos(x); }
};
/// sin whose derivative is right as a number and a constant for whoever differentiates it again.
struct WrongSecond : Unary {
  static constexpr Notation notation = library_call("wrong_second");
  static auto value(const auto& x) { return sin(x); }
  static auto dx(const auto& x, const auto&) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(x)>, Var>)
      return std::cos(x.value());
    else
      return cos(x);
  }
};
/// Off by a millionth.
struct SlightlyWrong : Unary {
  static constexpr Notation notation = library_call("slightly_wrong");
  static auto value(const auto& x) { return sin(x); }
  static auto dx(const auto& x, const auto&) { return 1.000001 * cos(x); }
};

const auto rosenbrock = [](Variables x) {
  return square(1.0 - x[0]) + 100.0 * square(x[1] - x[0] * x[0]);
};

bool has(const std::string& text, const char* word) { return text.find(word) != std::string::npos; }

}  // namespace

template <>
inline constexpr bool chainrule::listed_outside<WrongSin> = true;
template <>
inline constexpr bool chainrule::listed_outside<WrongSecond> = true;
template <>
inline constexpr bool chainrule::listed_outside<SlightlyWrong> = true;

TEST_CASE("good functions pass, to ten digits") {
  const auto passes = [](auto f, std::vector<double> x0) {
    const GradientCheck check = check_gradient(f, x0);
    INFO(check.report());
    CHECK(check.passed());
    CHECK(check.entries().size() == x0.size() + x0.size() * x0.size());
    CHECK(check.evaluations() <= 80 * x0.size());
    for (const GradientCheckEntry& entry : check.entries()) {
      const double size = std::abs(entry.exact);
      CHECK(std::abs(entry.exact - entry.difference) <= 1e-10 * size + 1e-9);
    }
  };
  passes(rosenbrock, {-1.2, 1.0});
  passes(rosenbrock, {1.0, 1.0});  // a minimum: every first derivative is 0
  passes([](Variables x) { return exp(x[0]) * sin(x[1]) / x[2]; }, {1.2, 0.5, -3.0});
  passes([](Variables x) { return log(x[0]); }, {1e-3});
  passes([](Variables x) { return sin(1e3 * x[0]); }, {1.0});
  passes([](Variables x) { return abs(x[0]); }, {0.01});  // a kink close by
  passes([](Variables x) { return select(x[0] > 0.0, x[0] * x[0], sqrt(x[0])); }, {3.0});
  passes([](Variables x) { return x[0] * x[0]; }, {1e100});
  passes([](Variables x) { return x[0] * 0.25; }, {std::numeric_limits<double>::max() / 2.0});
}

TEST_CASE("the edge of the domain and very different scales") {
  CHECK(check_gradient([](Variables x) { return log(x[0]); }, std::vector{1e-8}).passed());
  CHECK(check_gradient([](Variables x) { return 1.0 / x[0]; }, std::vector{1e-8}).passed());
  CHECK(check_gradient([](Variables x) { return exp(1e6 * x[0]); }, std::vector{1e-6}).passed());
  CHECK(check_gradient([](Variables x) { return 1e3 * x[0] + 1e-3 * x[1]; }, std::vector{1.0, 2.0})
            .passed());
}

TEST_CASE("points of other kinds, and functions that change themselves") {
  int calls = 0;
  const std::array<double, 2> array = {0.5, 1.5};
  const GradientCheck check = check_gradient(
      [&calls](Variables x) mutable {
        ++calls;
        return x[0] * x[1];
      },
      array);
  CHECK(check.passed());
  CHECK(static_cast<std::size_t>(calls) == check.evaluations());
}

TEST_CASE("a function of nothing has derivatives of 0") {
  const GradientCheck check = check_gradient([](Variables) { return 3.0; }, std::vector{1.0, 2.0});
  CHECK(check.passed());
  for (const GradientCheckEntry& entry : check.entries()) {
    CHECK(entry.exact == 0.0);
    CHECK(entry.difference == 0.0);
    CHECK(entry.ok);
  }
  const GradientCheck empty = check_gradient([](Variables) { return 3.0; }, std::vector<double>{});
  CHECK(empty.passed());
  CHECK(empty.entries().empty());
  CHECK(has(empty.report(), "0 variables"));
}

TEST_CASE("entries are the gradient, then the Hessian by rows") {
  const GradientCheck check =
      check_gradient([](Variables x) { return x[0] * x[0] * x[1]; }, std::vector{2.0, 3.0});
  REQUIRE(check.entries().size() == 6);
  const double exact[] = {12.0, 4.0, 6.0, 4.0, 4.0, 0.0};
  for (std::size_t k = 0; k < 6; ++k) {
    const GradientCheckEntry& entry = check.entries()[k];
    CHECK(entry.order == (k < 2 ? 1 : 2));
    CHECK(entry.i == (k < 2 ? k : (k - 2) / 2));
    CHECK(entry.j == (k < 2 ? 0 : (k - 2) % 2));
    CHECK(entry.exact == exact[k]);
    CHECK(entry.difference == doctest::Approx(exact[k]));
    CHECK(entry.error_estimate < 1e-10);
  }
  GradientCheckOptions first;
  first.order = 1;
  CHECK(check_gradient(rosenbrock, std::vector{1.0, 2.0}, first).entries().size() == 2);
}

TEST_CASE("a wrong rule fails") {
  const auto f = [](Variables x) { return apply<WrongSin>(x[0]) * x[1]; };
  const GradientCheck check = check_gradient(f, std::vector{0.5, 2.0});
  CHECK_FALSE(check.passed());
  CHECK_FALSE(check.entries()[0].ok);
  CHECK(check.entries()[1].ok);
  CHECK(check.entries()[0].difference == doctest::Approx(2.0 * std::cos(0.5)));
  CHECK(has(check.report(), "DIFFERS"));
  CHECK(has(check.report(), "NOT confirmed"));

  CHECK_FALSE(
      check_gradient([](Variables x) { return apply<SlightlyWrong>(x[0]); }, std::vector{0.5})
          .passed());
  GradientCheckOptions loose;
  loose.relative_tolerance = 1e-5;
  CHECK(check_gradient([](Variables x) { return apply<SlightlyWrong>(x[0]); }, std::vector{0.5},
                       loose)
            .passed());

  const auto g = [](Variables x) { return apply<WrongSecond>(x[0]); };
  const GradientCheck second = check_gradient(g, std::vector{0.5});
  CHECK(second.entries()[0].ok);
  CHECK_FALSE(second.entries()[1].ok);
  loose.order = 1;
  CHECK(check_gradient(g, std::vector{0.5}, loose).passed());
}

TEST_CASE("a small derivative beside a large one is not excused") {
  const auto f = [](Variables x) { return 1e3 * x[0] + 1e-3 * apply<WrongSin>(x[1]); };
  const GradientCheck check = check_gradient(f, std::vector{1.0, 0.5});
  CHECK(check.entries()[0].ok);
  CHECK_FALSE(check.entries()[1].ok);
}

TEST_CASE("kinks and jumps are reported, even where the numbers agree") {
  const auto first_entry = [](auto f, double x0) {
    const GradientCheck check = check_gradient(f, std::vector{x0});
    CHECK_FALSE(check.passed());
    return check.entries()[0];
  };
  const GradientCheckEntry abs_entry = first_entry([](Variables x) { return abs(x[0]); }, 0.0);
  CHECK(abs_entry.exact == abs_entry.difference);
  CHECK(abs_entry.kink);
  CHECK_FALSE(abs_entry.ok);
  CHECK(abs_entry.error_estimate == doctest::Approx(1.0));
  CHECK(first_entry([](Variables x) { return relu(x[0]); }, 0.0).kink);
  CHECK(first_entry([](Variables x) { return max(x[0], 1.0) + exp(x[0]); }, 1.0).kink);
  CHECK_FALSE(first_entry([](Variables x) { return floor(x[0]) + x[0]; }, 1.0).ok);
  CHECK(has(check_gradient([](Variables x) { return abs(x[0]); }, std::vector{0.0}).report(),
            "KINK"));
  // A slope that bends has a first derivative, and no second.
  const GradientCheck bend =
      check_gradient([](Variables x) { return square(relu(x[0])); }, std::vector{0.0});
  CHECK(bend.entries()[0].ok);
  CHECK(bend.entries()[1].kink);
}

TEST_CASE("noise and infinite derivatives are reported") {
  const GradientCheck noisy =
      check_gradient([](Variables x) { return 1e10 + sin(x[0]); }, std::vector{1.0});
  CHECK_FALSE(noisy.entries()[0].ok);
  CHECK(noisy.entries()[0].error_estimate > 1e-7);
  CHECK(has(noisy.report(), "UNSETTLED"));
  const GradientCheck edge =
      check_gradient([](Variables x) { return sqrt(x[0]); }, std::vector{0.0});
  CHECK_FALSE(edge.passed());
  CHECK(has(edge.report(), "NOT FINITE"));
}

TEST_CASE("the report") {
  const auto f = [](Variables x) {
    x[0].named("rate");
    return apply<WrongSin>(x[1]) + x[0] * x[0];
  };
  const std::string text = check_gradient(f, std::vector{0.5, 2.0}).report();
  CAPTURE(text);
  for (const char* word : {"1 of 6 derivatives NOT confirmed", "relative tolerance 1e-07",
                           "2 variables", "d/drate", "d2/dx1 dx1", "verdict", "ok"})
    CHECK(has(text, word));
  CHECK(text.find("DIFFERS") < text.find(" ok"));  // the worst first
  CHECK(
      has(check_gradient(rosenbrock, std::vector{1.0, 2.0}).report(), "6 of 6 derivatives agree"));
  // Many derivatives are counted where they are not listed.
  const std::string many =
      check_gradient([](Variables x) { return x[0] * x[11]; }, std::vector<double>(12, 1.0))
          .report();
  CHECK(has(many, "... and 106 more, 0 of them not confirmed"));
}

TEST_CASE("requests that make no sense") {
  const std::vector<double> x0 = {1.0};
  CHECK_THROWS_AS(check_gradient(rosenbrock, std::vector{1.0, std::nan("")}), DomainError);
  CHECK_THROWS_AS(check_gradient(rosenbrock, std::vector{HUGE_VAL, 1.0}), DomainError);
  CHECK_THROWS_AS(check_gradient([](Variables x) { return log(-x[0]); }, x0), DomainError);
  const auto with = [&](int order, double tolerance, double step) {
    check_gradient([](Variables x) { return x[0]; }, x0, {order, tolerance, step});
  };
  CHECK_NOTHROW(with(1, 1e-6, 0.1));
  CHECK_THROWS_AS(with(0, 1e-6, 0.1), DomainError);
  CHECK_THROWS_AS(with(3, 1e-6, 0.1), DomainError);
  CHECK_THROWS_AS(with(1, 0.0, 0.1), DomainError);
  CHECK_THROWS_AS(with(1, std::nan(""), 0.1), DomainError);
  CHECK_THROWS_AS(with(1, 1e-6, 0.0), DomainError);
  CHECK_THROWS_AS(with(1, 1e-6, -0.1), DomainError);
  Graph graph;
  const Var outside = variable(1.0);
  CHECK_THROWS_AS(check_gradient([&](Variables x) { return x[0] * outside; }, x0), GraphError);
  CHECK(gradient(outside * outside)[outside] == 2.0);
}

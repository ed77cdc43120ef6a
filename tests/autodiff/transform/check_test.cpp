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
#include "tests/support/message_of.hpp"

using namespace chainrule;

namespace {

using Variables = std::span<const Var>;

/// sin with the sign of its derivative flipped.
struct WrongSin : Unary {
  static constexpr Notation notation = library_call("wrong_sin");
  static auto value(const auto& x) { return sin(x); }
  static auto dx(const auto& x, const auto&) { return -cos(x); }
};
/// sin whose derivative is right as a number, but a constant when differentiated again.
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

bool agrees(const GradientCheck& check, std::size_t entry) {
  return check.entries().at(entry).verdict == CheckVerdict::agrees;
}
bool disagrees(const GradientCheck& check, std::size_t entry) {
  return check.entries().at(entry).verdict == CheckVerdict::disagrees;
}

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
      const double size = std::abs(entry.analytic);
      CHECK(std::abs(entry.analytic - entry.difference) <= 1e-10 * size + 1e-9);
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
    CHECK(entry.analytic == 0.0);
    CHECK(entry.difference == 0.0);
    CHECK(entry.verdict == CheckVerdict::agrees);
  }
}

TEST_CASE("entries are the gradient, then the Hessian by rows") {
  const GradientCheck check =
      check_gradient([](Variables x) { return x[0] * x[0] * x[1]; }, std::vector{2.0, 3.0});
  REQUIRE(check.entries().size() == 6);
  const double exact[] = {12.0, 4.0, 6.0, 4.0, 4.0, 0.0};
  for (std::size_t k = 0; k < 6; ++k) {
    const GradientCheckEntry& entry = check.entries()[k];
    CHECK(entry.order == (k < 2 ? 1 : 2));
    CHECK(entry.coordinates[0] == (k < 2 ? k : (k - 2) / 2));
    CHECK(entry.coordinates[1] == (k < 2 ? 0 : (k - 2) % 2));
    CHECK(entry.analytic == exact[k]);
    CHECK(entry.difference == doctest::Approx(exact[k]));
    CHECK(entry.error < 1e-10);
  }
  GradientCheckOptions first;
  first.order = 1;
  CHECK(check_gradient(rosenbrock, std::vector{1.0, 2.0}, first).entries().size() == 2);
}

TEST_CASE("a wrong rule fails") {
  const auto f = [](Variables x) { return apply<WrongSin>(x[0]) * x[1]; };
  const GradientCheck check = check_gradient(f, std::vector{0.5, 2.0});
  CHECK_FALSE(check.passed());
  CHECK(disagrees(check, 0));
  CHECK(agrees(check, 1));
  CHECK(check.entries()[0].difference == doctest::Approx(2.0 * std::cos(0.5)));
  CHECK(check.verdict() == CheckVerdict::disagrees);
  CHECK(has(check.report(), "DISAGREES"));

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
  CHECK(agrees(second, 0));
  CHECK(disagrees(second, 1));
  loose.order = 1;
  CHECK(check_gradient(g, std::vector{0.5}, loose).passed());
}

TEST_CASE("a wrong derivative that is much smaller than another one is not accepted") {
  const auto f = [](Variables x) { return 1e3 * x[0] + 1e-3 * apply<WrongSin>(x[1]); };
  const GradientCheck check = check_gradient(f, std::vector{1.0, 0.5});
  CHECK(agrees(check, 0));
  CHECK(disagrees(check, 1));
}

TEST_CASE("a small derivative is judged by the digits that differences have of it") {
  // At (1, 1) the first term rounds to 3e-12, so differences tell d/dy = 1e-5 to some 1e-10: enough
  // for the whole gradient, whose largest entry is 2e5, and to see a thousandth of 1e-5.
  const std::vector<double> ones = {1.0, 1.0};
  const GradientCheck small =
      check_gradient([](Variables x) { return exp(10.0 * x[0]) + 1e-5 * x[1]; }, ones);
  INFO(small.report());
  CHECK(small.passed());
  CHECK(small.entries()[1].error > 1e-7 * 1e-5);
  CHECK(small.entries()[1].error < 1e-3 * 1e-5);
  CHECK(
      check_gradient(
          [](Variables x) { return exp(3.0 * x[0]) + exp(3.0 * x[1]) + 1e-5 * x[0] * x[1]; }, ones)
          .passed());
  const GradientCheck wrong = check_gradient(
      [](Variables x) { return exp(10.0 * x[0]) + 1e-5 * apply<WrongSin>(x[1]); }, ones);
  CHECK(agrees(wrong, 0));
  CHECK(disagrees(wrong, 1));
}

TEST_CASE("a large constant added to a function hides only a few digits") {
  GradientCheckOptions third;
  third.order = 3;
  CHECK(check_gradient([](Variables x) { return 1e6 + sin(x[0]); }, std::vector{1.0}, third)
            .passed());
  CHECK(disagrees(
      check_gradient([](Variables x) { return 1e6 + apply<WrongSin>(x[0]); }, std::vector{1.0}),
      0));
  // One that is gone from the value still rounds it, so nothing may be said of the derivative.
  const GradientCheck gone =
      check_gradient([](Variables x) { return (1e16 + x[0]) - 1e16; }, std::vector{1.0});
  INFO(gone.report());
  CHECK(gone.entries()[0].verdict == CheckVerdict::undecided);
  CHECK(gone.entries()[0].doubt == Doubt::rounding);
}

TEST_CASE("saturated functions") {
  const auto saturated = [](auto f, double x0) {
    const std::vector<double> point = {x0};
    GradientCheckOptions options;
    options.order = 3;
    // Alone: the derivative of 1e-17 cannot be seen in values of 1, and no fault of it either.
    const GradientCheck alone = check_gradient(f, point, options);
    INFO(alone.report());
    CHECK(alone.count(CheckVerdict::disagrees) == 0);
    CHECK(alone.entries()[0].doubt == Doubt::rounding);
    options.absolute_tolerance = 1e-12;
    CHECK(check_gradient(f, point, options).passed());
    // Together with others it is negligible at the scale of the gradient.
    options.absolute_tolerance = 0.0;
    const GradientCheck together = check_gradient([&](Variables x) { return f(x) * sin(x[1]); },
                                                  std::vector{x0, 0.5}, options);
    INFO(together.report());
    CHECK(together.passed());
  };
  saturated([](Variables x) { return sigmoid(x[0]); }, 40.0);
  saturated([](Variables x) { return tanh(x[0]); }, 20.0);
  CHECK(check_gradient([](Variables x) { return sigmoid(x[0]); }, std::vector{-40.0}).passed());
  CHECK(check_gradient([](Variables x) { return sigmoid(x[0]); }, std::vector{12.0}).passed());
}

TEST_CASE("third derivatives") {
  GradientCheckOptions third;
  third.order = 3;
  const auto f = [](Variables x) { return exp(x[0] * x[1]) + x[0] / x[1]; };
  const GradientCheck check = check_gradient(f, std::vector{0.5, 1.5}, third);
  INFO(check.report());
  CHECK(check.passed());
  REQUIRE(check.entries().size() == 2 + 4 + 8);
  CHECK(check.name(check.entries()[7]) == "d3/dx0 dx0 dx1");
  const GradientCheckEntry& last = check.entries().back();
  CHECK(last.coordinates == std::array<std::size_t, 3>{1, 1, 1});
  const double exact = 0.125 * std::exp(0.75) - 6.0 * 0.5 / std::pow(1.5, 4);
  CHECK(last.analytic == doctest::Approx(exact));
  CHECK(last.difference == doctest::Approx(exact));

  third.most_third_derivatives = 10;  // of 27
  const GradientCheck sampled = check_gradient([](Variables x) { return sin(x[0] * x[1] * x[2]); },
                                               std::vector{0.5, 1.5, 0.3}, third);
  CHECK(sampled.passed());
  CHECK(sampled.entries().size() > 3 + 9 + 5);
  CHECK(sampled.entries().size() <= 3 + 9 + 10);
}

TEST_CASE("kinks and jumps cannot be decided, even where the numbers agree") {
  const auto first_entry = [](auto f, double x0) {
    const GradientCheck check = check_gradient(f, std::vector{x0});
    CHECK(check.verdict() == CheckVerdict::undecided);
    return check.entries()[0];
  };
  const GradientCheckEntry abs_entry = first_entry([](Variables x) { return abs(x[0]); }, 0.0);
  CHECK(abs_entry.analytic == abs_entry.difference);
  CHECK(abs_entry.doubt == Doubt::kink);
  CHECK(abs_entry.error == doctest::Approx(1.0));
  CHECK(first_entry([](Variables x) { return relu(x[0]); }, 0.0).doubt == Doubt::kink);
  CHECK(first_entry([](Variables x) { return max(x[0], 1.0) + exp(x[0]); }, 1.0).doubt ==
        Doubt::kink);
  CHECK(first_entry([](Variables x) { return floor(x[0]) + x[0]; }, 1.0).verdict ==
        CheckVerdict::undecided);
  CHECK(has(check_gradient([](Variables x) { return abs(x[0]); }, std::vector{0.0}).report(),
            "undecided (kink)"));
  // A slope that bends has a first derivative, and no second.
  const GradientCheck bend =
      check_gradient([](Variables x) { return square(relu(x[0])); }, std::vector{0.0});
  CHECK(agrees(bend, 0));
  CHECK(bend.entries()[1].doubt == Doubt::kink);
}

TEST_CASE("at the end of a domain, differences to one side decide") {
  const auto half = [](Variables x) {
    return select(x[0] >= 1.0, exp(x[0]), std::numeric_limits<double>::quiet_NaN());
  };
  const GradientCheck check = check_gradient(half, std::vector{1.0});
  INFO(check.report());
  CHECK(check.passed());
  const auto other_half = [](Variables x) {
    return select(x[0] <= 1.0, apply<WrongSin>(x[0]), std::numeric_limits<double>::infinity());
  };
  CHECK(disagrees(check_gradient(other_half, std::vector{1.0}), 0));
}

TEST_CASE("noise, infinite derivatives and functions without a value cannot be decided") {
  const GradientCheck noisy =
      check_gradient([](Variables x) { return 1e10 + sin(x[0]); }, std::vector{1.0});
  CHECK(noisy.entries()[0].doubt == Doubt::rounding);
  CHECK(noisy.entries()[0].error > 1e-7);
  CHECK(has(noisy.report(), "undecided (rounding)"));
  const GradientCheck edge =
      check_gradient([](Variables x) { return sqrt(x[0]); }, std::vector{0.0});
  CHECK(edge.verdict() == CheckVerdict::undecided);
  CHECK(edge.entries()[0].doubt == Doubt::not_finite);
  CHECK(has(edge.report(), "undecided (not finite)"));
  const GradientCheck outside =
      check_gradient([](Variables x) { return log(-x[0]); }, std::vector{1.0});
  CHECK(outside.count(CheckVerdict::undecided) == 2);
  CHECK(outside.entries()[1].doubt == Doubt::not_finite);
  const GradientCheck infinite =
      check_gradient([](Variables x) { return exp(1000.0 * x[0]); }, std::vector{1.0});
  CHECK(infinite.entries()[0].doubt == Doubt::not_finite);
}

TEST_CASE("the report") {
  const auto f = [](Variables x) {
    x[0].named("rate");
    return apply<WrongSin>(x[1]) + x[0] * x[0];
  };
  const GradientCheck check = check_gradient(f, std::vector{0.5, 2.0});
  const std::string text = check.report();
  CAPTURE(text);
  for (const char* word :
       {"5 of 6 derivatives agree, 1 disagree, 0 undecided", "Relative tolerance 1e-07",
        "2 coordinates", "d/drate", "d2/dx1 dx1", "verdict", "agrees"})
    CHECK(has(text, word));
  CHECK(text.find("DISAGREES") < text.find(" agrees"));  // the worst first
  CHECK(check.count(CheckVerdict::disagrees) == 1);
  CHECK(
      has(check_gradient(rosenbrock, std::vector{1.0, 2.0}).report(), "6 of 6 derivatives agree"));
  // Many derivatives are counted where they are not listed.
  const std::string many =
      check_gradient([](Variables x) { return x[0] * x[11]; }, std::vector<double>(12, 1.0))
          .report();
  CHECK(has(many, "... and 106 more, 0 of them not agreeing"));
}

TEST_CASE("requests that make no sense") {
  const std::vector<double> x0 = {1.0};
  CHECK_THROWS_AS(check_gradient(rosenbrock, std::vector{1.0, std::nan("")}), DomainError);
  CHECK_THROWS_AS(check_gradient(rosenbrock, std::vector{HUGE_VAL, 1.0}), DomainError);
  CHECK_THROWS_AS(check_gradient(rosenbrock, std::vector<double>{}), DomainError);
  const auto with = [&](int order, double tolerance, double step) {
    check_gradient([](Variables x) { return x[0]; }, x0, {order, tolerance, 0.0, step});
  };
  CHECK_NOTHROW(with(1, 1e-6, 0.1));
  CHECK_THROWS_AS(with(0, 1e-6, 0.1), DomainError);
  CHECK_THROWS_AS(with(4, 1e-6, 0.1), DomainError);
  CHECK_THROWS_AS(with(1, 0.0, 0.1), DomainError);
  CHECK_THROWS_AS(with(1, std::nan(""), 0.1), DomainError);
  CHECK_THROWS_AS(with(1, 1e-6, 0.0), DomainError);
  CHECK_THROWS_AS(with(1, 1e-6, -0.1), DomainError);
  // No step leads to another number, so nothing would be compared.
  CHECK_THROWS_AS(with(1, 1e-6, 1e-20), DomainError);
  const auto nothing = [](Variables x) { return x[0] * 0.0 + 1.0; };
  CHECK_THROWS_AS(check_gradient(nothing, x0, {.step = 1e-20}), DomainError);
  CHECK_THROWS_AS(check_gradient(nothing, std::vector{std::numeric_limits<double>::max()}),
                  DomainError);
  const auto identity = [](Variables x) { return x[0]; };
  CHECK_THROWS_AS(check_gradient(identity, x0, {.absolute_tolerance = -1.0}), DomainError);
  CHECK_THROWS_AS(check_gradient(identity, x0, {.order = 3, .most_third_derivatives = 0}),
                  DomainError);
  CHECK(check_gradient(identity, x0, {.relative_tolerance = 0.0, .absolute_tolerance = 1e-6})
            .passed());
  int calls = 0;
  const auto message = message_of<DomainError>(
      [&] { check_gradient([&](Variables x) { return x[0] * ++calls; }, x0); });
  CHECK(has(message, "two runs of the function at x0 gave 1 and 2"));
  Graph graph;
  const Var outside = variable(1.0);
  CHECK_THROWS_AS(check_gradient([&](Variables x) { return x[0] * outside; }, x0), GraphError);
  CHECK(gradient(outside * outside)[outside] == 2.0);
}

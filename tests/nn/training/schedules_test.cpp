#include "nn/training/schedules.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "autodiff/core/error.hpp"

using chainrule::DomainError;
using chainrule::FormatError;
namespace nn = chainrule::nn;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Whether the first rates of a schedule with base rate 1 are these.
void check_rates(const nn::Schedule& schedule, const std::vector<double>& expected,
                 double tolerance = 1e-12) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    CHECK(std::fabs(schedule.rate(1.0, static_cast<std::int64_t>(i)) - expected[i]) <= tolerance);
  }
}

}  // namespace

TEST_CASE("schedules have the rates of their formulas") {
  check_rates(nn::Schedule(), {1, 1, 1});
  check_rates(nn::Constant(), {1, 1, 1});
  check_rates(nn::StepDecay(2, 0.5), {1, 1, 0.5, 0.5, 0.25});
  check_rates(nn::MultiStep({1, 3}, 0.1), {1, 0.1, 0.1, 0.01, 0.01});
  check_rates(nn::MultiStep({}), {1, 1});
  check_rates(nn::Exponential(0.9), {1, 0.9, 0.81, 0.729});
  check_rates(nn::Polynomial(4), {1, 0.75, 0.5, 0.25, 0, 0, 0});
  check_rates(nn::Polynomial(4, 2.0, 0.2), {1, 0.65, 0.4, 0.25, 0.2, 0.2});
  // Values of PyTorch's schedulers with base rate 1.
  check_rates(nn::Cosine(4, 0.1), {1, 0.868198, 0.55, 0.231802, 0.1, 0.1, 0.1}, 1e-6);
  check_rates(nn::WarmRestarts(4, 1, 0.1), {1, 0.868198, 0.55, 0.231802, 1, 0.868198}, 1e-6);
  check_rates(nn::OneCycle(8),
              {0.04, 0.819275105, 0.971941777, 0.811745654, 0.555984014, 0.283060998, 0.0766415938,
               4e-06, 4e-06},
              1e-8);
  check_rates(nn::Warmup(4, {}, 0.25), {0.25, 0.4375, 0.625, 0.8125, 1, 1});
}

TEST_CASE("one cycle has its reference values and ends") {
  const nn::Schedule cycle = nn::OneCycle(8);
  CHECK(cycle.rate(1.0, 1) == doctest::Approx(0.819275).epsilon(1e-6));
  CHECK(cycle.rate(1.0, 2) == doctest::Approx(0.971942).epsilon(1e-6));
  CHECK(cycle.rate(1.0, 7) == doctest::Approx(4e-6).epsilon(1e-12));
  CHECK(cycle.rate(2.0, 1) == doctest::Approx(2 * 0.819275).epsilon(1e-6));
  CHECK(nn::OneCycle(1).rate(1.0, 0) == 1.0);
  CHECK(nn::OneCycle(10, {.rising = 0.0}).rate(1.0, 0) == 1.0);
  CHECK(nn::OneCycle(10, {.rising = 1.0}).rate(1.0, 9) == 1.0);
  CHECK(nn::OneCycle(10, {.rising = 1.0}).rate(1.0, 1000) == 1.0);
  CHECK(nn::OneCycle(1000000).rate(1.0, 299999) == 1.0);
}

TEST_CASE("the cycles of warm restarts grow") {
  const nn::Schedule schedule = nn::WarmRestarts(2, 3);
  for (const std::int64_t start : {0, 2, 8, 26, 80}) CHECK(schedule.rate(0.5, start) == 0.5);
  CHECK(schedule.rate(1.0, 5) == doctest::Approx(0.5));
  CHECK(schedule.rate(1.0, 17) == doctest::Approx(0.5));
  CHECK(std::isfinite(schedule.rate(1.0, std::numeric_limits<std::int64_t>::max())));
  CHECK(std::isfinite(nn::WarmRestarts(3, std::numeric_limits<std::int64_t>::max())
                          .rate(1.0, std::numeric_limits<std::int64_t>::max())));
}

TEST_CASE("a warmup ends at the first rate of the other schedule") {
  const nn::Schedule schedule = nn::Warmup(10, nn::Cosine(90));
  CHECK(schedule.rate(0.4, 0) == 0.0);
  CHECK(schedule.rate(0.4, 5) == doctest::Approx(0.2));
  CHECK(schedule.rate(0.4, 10) == 0.4);
  CHECK(schedule.rate(0.4, 55) == doctest::Approx(0.2));
  CHECK(schedule.rate(0.4, 100) == 0.0);
  CHECK(nn::Schedule(nn::Warmup(0, nn::Exponential(0.5))).rate(1.0, 1) == 0.5);
  // It leads to the first rate of the one-cycle schedule, not to its peak.
  CHECK(nn::Schedule(nn::Warmup(2, nn::OneCycle(8))).rate(1.0, 1) == doctest::Approx(0.02));
}

TEST_CASE("any type with a rate() is a schedule") {
  struct Halves {
    double rate(double base, std::int64_t step) const {
      return std::ldexp(base, -static_cast<int>(step));
    }
  };
  nn::Schedule schedule = Halves{};
  const nn::Schedule copy = schedule;
  schedule = nn::StepDecay(1, 0.1);
  CHECK(copy.rate(8.0, 3) == 1.0);
  CHECK(schedule.rate(1.0, 1) == doctest::Approx(0.1));
  CHECK_THROWS_AS(schedule.rate(1.0, -1), DomainError);
}

TEST_CASE("arguments out of range are errors") {
  CHECK_THROWS_AS(nn::StepDecay(0), DomainError);
  CHECK_THROWS_AS(nn::StepDecay(1, -0.1), DomainError);
  CHECK_THROWS_AS(nn::StepDecay(1, NAN), DomainError);
  CHECK_THROWS_AS(nn::MultiStep({3, 1}), DomainError);
  CHECK_THROWS_AS(nn::MultiStep({-1}), DomainError);
  CHECK_THROWS_AS(nn::Exponential{infinity}, DomainError);
  CHECK_THROWS_AS(nn::Cosine(0), DomainError);
  CHECK_THROWS_AS(nn::Cosine(1, -1.0), DomainError);
  CHECK_THROWS_AS(nn::Polynomial(1, 0.0), DomainError);
  CHECK_THROWS_AS(nn::WarmRestarts(1, 0), DomainError);
  CHECK_THROWS_AS(nn::OneCycle(5, {.rising = 1.1}), DomainError);
  CHECK_THROWS_AS(nn::OneCycle(5, {.start_divisor = 0.5}), DomainError);
  CHECK_THROWS_AS(nn::Warmup(-1), DomainError);
  CHECK_THROWS_AS(nn::Warmup(1, {}, 1.5), DomainError);
  CHECK_THROWS_AS(nn::Plateau({.mode = nn::Mode::min, .factor = 1.0}), DomainError);
  CHECK_THROWS_AS(nn::Plateau({.mode = nn::Mode::min, .patience = -1}), DomainError);
  CHECK_THROWS_AS(nn::Plateau({.mode = nn::Mode::min, .threshold = NAN}), DomainError);
  CHECK_THROWS_AS(nn::Plateau({.mode = nn::Mode::min, .cooldown = -1}), DomainError);
  CHECK_THROWS_AS(nn::Plateau({.mode = nn::Mode::min, .minimum = -1.0}), DomainError);
}

TEST_CASE("a plateau lowers the rate after more than `patience` epochs without improvement") {
  nn::Plateau plateau({.mode = nn::Mode::min, .patience = 2});
  CHECK(plateau.best() == infinity);
  CHECK_FALSE(plateau.observe(1.0));
  CHECK_FALSE(plateau.observe(0.99995));  // better by less than 1e-4
  CHECK_FALSE(plateau.observe(1.0));
  CHECK(plateau.rate(0.5) == 0.5);
  CHECK(plateau.observe(NAN));
  CHECK(plateau.rate(0.5) == doctest::Approx(0.05));
  CHECK(plateau.best() == 1.0);
  CHECK_FALSE(plateau.observe(0.9));
  CHECK(plateau.best() == 0.9);
  for (int i = 0; i < 3; ++i) CHECK(plateau.observe(1.0) == (i == 2));
  CHECK(plateau.rate(1.0) == doctest::Approx(0.01));
  CHECK(plateau.reductions() == 2);
}

TEST_CASE("the threshold of a plateau is relative for negative and large values, too") {
  nn::Plateau negative({.mode = nn::Mode::min, .patience = 0, .threshold = 0.1});
  CHECK_FALSE(negative.observe(-1.0));
  CHECK(negative.observe(-0.95));  // worse, but by less than 10 %
  CHECK(negative.observe(-1.05));  // better, but by less than 10 %
  CHECK_FALSE(negative.observe(-1.2));

  nn::Plateau accuracy({.mode = nn::Mode::max, .patience = 0, .threshold = 0.1});
  CHECK_FALSE(accuracy.observe(0.5));
  CHECK_FALSE(accuracy.observe(0.56));
  CHECK(accuracy.observe(0.6));
  CHECK(accuracy.best() == 0.56);
}

TEST_CASE("cooldown and minimum of a plateau") {
  nn::Plateau plateau(
      {.mode = nn::Mode::min, .factor = 0.5, .patience = 0, .cooldown = 2, .minimum = 0.2});
  std::vector<bool> reduced;
  for (int i = 0; i < 8; ++i) reduced.push_back(plateau.observe(1.0));
  CHECK(reduced == std::vector<bool>{false, true, false, false, true, false, false, true});
  CHECK(plateau.rate(1.0) == 0.2);
  CHECK(plateau.rate(0.1) == 0.1);  // the minimum does not raise a rate
}

TEST_CASE("a restored plateau continues as the original") {
  const nn::PlateauOptions options{.mode = nn::Mode::min, .patience = 1, .cooldown = 1};
  nn::Plateau plateau(options);
  const std::vector<double> metric = {3, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1};
  for (std::size_t split = 0; split < metric.size(); ++split) {
    nn::Plateau original(options), resumed(options);
    for (std::size_t i = 0; i < split; ++i) original.observe(metric[i]);
    resumed.restore(original.state());
    for (std::size_t i = split; i < metric.size(); ++i)
      CHECK(resumed.observe(metric[i]) == original.observe(metric[i]));
    CHECK(resumed.state() == original.state());
  }
  const std::vector<double> before = plateau.state();
  for (const std::vector<double>& bad : {std::vector<double>{},
                                         {1, 0, 0},
                                         {1, 0, 0, 0, 0},
                                         {1, -1, 0, 0},
                                         {1, 0.5, 0, 0},
                                         {1, 0, infinity, 0},
                                         {1, 0, 0, NAN},
                                         {NAN, 0, 0, 0}}) {
    CHECK_THROWS_AS(plateau.restore(bad), FormatError);
    CHECK(plateau.state() == before);
  }
}

#include "nn/training/schedules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "autodiff/core/error.hpp"

namespace chainrule::nn {
namespace {

constexpr double pi = 3.14159265358979323846;

/// Throws DomainError unless `good`; the message has the requirement and the value.
void require(bool good, const char* schedule, const char* what, double value) {
  if (!good) throw DomainError(fmt::format("{}: {}, not {}", schedule, what, value));
}
void require_steps(std::int64_t steps, const char* schedule) {
  require(steps >= 1, schedule, "the number of steps must be at least 1",
          static_cast<double>(steps));
}
void require_floor(double floor, const char* schedule) {
  require(floor >= 0.0 && std::isfinite(floor), schedule,
          "the floor must be a finite rate, not negative", floor);
}
void require_factor(double factor, const char* schedule) {
  require(factor >= 0.0 && std::isfinite(factor), schedule,
          "the factor must be finite and not negative", factor);
}

/// Half a cosine from `start` at 0 to `end` at 1, exact at both ends.
double along_cosine(double start, double end, double part) {
  if (part >= 1.0) return end;
  return end + (start - end) * (1.0 + std::cos(pi * part)) / 2.0;
}

double fraction(std::int64_t step, std::int64_t steps) {
  return static_cast<double>(step) / static_cast<double>(steps);
}

}  // namespace

double Schedule::rate(double base, std::int64_t step) const {
  if (step < 0) throw DomainError(fmt::format("Schedule::rate: step {}: steps count from 0", step));
  return rate_ ? rate_(base, step) : base;
}

StepDecay::StepDecay(std::int64_t every, double factor) : every_(every), factor_(factor) {
  require_steps(every, "StepDecay");
  require_factor(factor, "StepDecay");
}
double StepDecay::rate(double base, std::int64_t step) const {
  const std::int64_t times = step / every_;
  return base * std::pow(factor_, static_cast<double>(times));
}

MultiStep::MultiStep(std::vector<std::int64_t> milestones, double factor)
    : milestones_(std::move(milestones)), factor_(factor) {
  if (!std::is_sorted(milestones_.begin(), milestones_.end()) ||
      (!milestones_.empty() && milestones_.front() < 0))
    throw DomainError("MultiStep: the milestones must ascend, from 0 or later");
  require_factor(factor, "MultiStep");
}
double MultiStep::rate(double base, std::int64_t step) const {
  const auto passed = std::upper_bound(milestones_.begin(), milestones_.end(), step);
  return base * std::pow(factor_, static_cast<double>(passed - milestones_.begin()));
}

Exponential::Exponential(double factor) : factor_(factor) { require_factor(factor, "Exponential"); }
double Exponential::rate(double base, std::int64_t step) const {
  return base * std::pow(factor_, static_cast<double>(step));
}

Cosine::Cosine(std::int64_t steps, double floor) : steps_(steps), floor_(floor) {
  require_steps(steps, "Cosine");
  require_floor(floor, "Cosine");
}
double Cosine::rate(double base, std::int64_t step) const {
  return along_cosine(base, floor_, fraction(step, steps_));
}

Polynomial::Polynomial(std::int64_t steps, double power, double floor)
    : steps_(steps), power_(power), floor_(floor) {
  require_steps(steps, "Polynomial");
  require(power > 0.0 && std::isfinite(power), "Polynomial",
          "the power must be finite and greater than 0", power);
  require_floor(floor, "Polynomial");
}
double Polynomial::rate(double base, std::int64_t step) const {
  if (step >= steps_) return floor_;
  return floor_ + (base - floor_) * std::pow(1.0 - fraction(step, steps_), power_);
}

WarmRestarts::WarmRestarts(std::int64_t steps, std::int64_t growth, double floor)
    : steps_(steps), growth_(growth), floor_(floor) {
  require_steps(steps, "WarmRestarts");
  require(growth >= 1, "WarmRestarts", "the growth must be at least 1",
          static_cast<double>(growth));
  require_floor(floor, "WarmRestarts");
}
double WarmRestarts::rate(double base, std::int64_t step) const {
  std::int64_t length = steps_;
  if (growth_ == 1) step %= length;
  while (step >= length) {
    step -= length;
    constexpr std::int64_t limit = std::numeric_limits<std::int64_t>::max();
    length = length > limit / growth_ ? limit : length * growth_;
  }
  return along_cosine(base, floor_, fraction(step, length));
}

OneCycle::OneCycle(std::int64_t steps, const OneCycleOptions& options)
    : steps_(steps), options_(options) {
  require_steps(steps, "OneCycle");
  require(options.rising >= 0.0 && options.rising <= 1.0, "OneCycle",
          "the rising part must be in [0, 1]", options.rising);
  for (const double divisor : {options.start_divisor, options.end_divisor})
    require(divisor >= 1.0 && std::isfinite(divisor), "OneCycle",
            "a divisor must be finite and at least 1", divisor);
}
double OneCycle::rate(double base, std::int64_t step) const {
  const double start = base / options_.start_divisor, end = start / options_.end_divisor;
  const double last = static_cast<double>(steps_ - 1);
  const double now = std::min(static_cast<double>(step), last);
  const double top = std::max(0.0, options_.rising * static_cast<double>(steps_) - 1.0);
  if (now < top) return along_cosine(start, base, now / top);
  return now <= top ? base : along_cosine(base, end, (now - top) / (last - top));
}

Warmup::Warmup(std::int64_t steps, Schedule then, double start)
    : steps_(steps), then_(std::move(then)), start_(start) {
  require(steps >= 0, "Warmup", "the number of steps must not be negative",
          static_cast<double>(steps));
  require(start >= 0.0 && start <= 1.0, "Warmup", "the start must be in [0, 1]", start);
}
double Warmup::rate(double base, std::int64_t step) const {
  if (step >= steps_) return then_.rate(base, step - steps_);
  return then_.rate(base, 0) * (start_ + (1.0 - start_) * fraction(step, steps_));
}

Plateau::Plateau(const PlateauOptions& options)
    : options_(options),
      mode_(detail::required(options.mode, "Plateau")),
      best_(detail::worst(mode_)) {
  require(options.factor > 0.0 && options.factor < 1.0, "Plateau", "the factor must be in (0, 1)",
          options.factor);
  require(options.patience >= 0, "Plateau", "the patience must not be negative",
          static_cast<double>(options.patience));
  require(options.threshold >= 0.0 && std::isfinite(options.threshold), "Plateau",
          "the threshold must be finite and not negative", options.threshold);
  require(options.cooldown >= 0, "Plateau", "the cooldown must not be negative",
          static_cast<double>(options.cooldown));
  require(options.minimum >= 0.0 && std::isfinite(options.minimum), "Plateau",
          "the minimum must be a finite rate, not negative", options.minimum);
}

bool Plateau::observe(double value) {
  // The initial best is infinite, and infinity - infinity would be NaN.
  const double margin = std::isfinite(best_) ? options_.threshold * std::fabs(best_) : 0.0;
  if (detail::improves(mode_, value, best_, margin)) {
    best_ = value;
    waited_ = 0;
  } else {
    ++waited_;
  }
  if (cooling_ > 0) {
    --cooling_;
    waited_ = 0;
  }
  if (waited_ <= options_.patience) return false;
  ++reductions_;
  cooling_ = options_.cooldown;
  waited_ = 0;
  return true;
}

double Plateau::rate(double base) const {
  const double reduced = base * std::pow(options_.factor, static_cast<double>(reductions_));
  return std::max(reduced, std::min(base, options_.minimum));
}

std::vector<double> Plateau::state() const {
  return {best_, static_cast<double>(waited_), static_cast<double>(cooling_),
          static_cast<double>(reductions_)};
}

void Plateau::restore(std::span<const double> state) {
  detail::check_state(state, 4, "Plateau");
  if (std::isnan(state[0])) throw FormatError("Plateau::restore: the best number is NaN");
  best_ = state[0];
  waited_ = static_cast<std::int64_t>(state[1]);
  cooling_ = static_cast<std::int64_t>(state[2]);
  reductions_ = static_cast<std::int64_t>(state[3]);
}

}  // namespace chainrule::nn

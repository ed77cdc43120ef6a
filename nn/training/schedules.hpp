// Learning rates that change with the step. A schedule is a small value: a pure function of the
// base rate and the step, so it has nothing to save; whoever resumes a training goes on counting. A
// step is what its user counts, batches or epochs, from 0. After its last step a schedule stays
// where it is. Constructors throw DomainError on parameters outside the ranges given, and on NaN.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "nn/training/monitor.hpp"

namespace chainrule::nn {

/// What has a rate for a base rate and a step.
template <class T>
concept RateFunction = requires(const T& schedule, double base, std::int64_t step) {
  { schedule.rate(base, step) } -> std::convertible_to<double>;
};

/// Any schedule, as a value that can be passed about, stored and copied.
class Schedule {
 public:
  /// The base rate throughout.
  Schedule() = default;
  /// Any of those below, or a user's own struct with a member rate(base, step).
  template <RateFunction T>
    requires(!std::same_as<T, Schedule>)
  Schedule(
      T schedule)  // NOLINT(google-explicit-constructor): a schedule of some kind is a schedule
      : rate_([schedule = std::move(schedule)](double base, std::int64_t step) {
          return static_cast<double>(schedule.rate(base, step));
        }) {}

  /// The rate at a step. Throws DomainError for a negative step.
  double rate(double base, std::int64_t step) const;

 private:
  std::function<double(double, std::int64_t)> rate_;
};

/// The base rate throughout.
struct Constant {
  double rate(double base, std::int64_t) const { return base; }
};

/// base * factor^floor(step / every): multiplied by the factor (>= 0) every so many steps (>= 1).
class StepDecay {
 public:
  explicit StepDecay(std::int64_t every, double factor = 0.1);
  double rate(double base, std::int64_t step) const;

 private:
  std::int64_t every_;
  double factor_;
};

/// Multiplied by the factor (>= 0) at each of the given steps, which ascend from 0 or later.
class MultiStep {
 public:
  explicit MultiStep(std::vector<std::int64_t> milestones, double factor = 0.1);
  double rate(double base, std::int64_t step) const;

 private:
  std::vector<std::int64_t> milestones_;
  double factor_;
};

/// base * factor^step, factor >= 0.
class Exponential {
 public:
  explicit Exponential(double factor);
  double rate(double base, std::int64_t step) const;

 private:
  double factor_;
};

/// Half a cosine from the base rate down to `floor` (a rate, >= 0) at `steps` (>= 1):
/// floor + (base - floor) (1 + cos(pi step / steps)) / 2. Loshchilov and Hutter, arXiv:1608.03983.
class Cosine {
 public:
  explicit Cosine(std::int64_t steps, double floor = 0.0);
  double rate(double base, std::int64_t step) const;

 private:
  std::int64_t steps_;
  double floor_;
};

/// From the base rate to `floor` (a rate, >= 0) at `steps` (>= 1), as the power (> 0) of what is
/// left: floor + (base - floor) (1 - step / steps)^power. Linear for power 1.
class Polynomial {
 public:
  explicit Polynomial(std::int64_t steps, double power = 1.0, double floor = 0.0);
  double rate(double base, std::int64_t step) const;

 private:
  std::int64_t steps_;
  double power_, floor_;
};

/// Cosines one after the other, each from the base rate down to `floor` (a rate, >= 0): the first
/// takes `steps` (>= 1) steps, each further one `growth` (>= 1) times as many. arXiv:1608.03983.
/// Cost: one turn per restart so far where growth > 1.
class WarmRestarts {
 public:
  explicit WarmRestarts(std::int64_t steps, std::int64_t growth = 1, double floor = 0.0);
  double rate(double base, std::int64_t step) const;

 private:
  std::int64_t steps_, growth_;
  double floor_;
};

struct OneCycleOptions {
  double rising = 0.3;          ///< the part of the steps that the rise takes; in [0, 1]
  double start_divisor = 25.0;  ///< the first rate is the peak over this; >= 1
  double end_divisor = 1e4;     ///< the last rate is the first over this; >= 1
};

/// Up to the base rate, which is the peak, and down to nearly nothing, both along a cosine, within
/// `steps` (>= 1) steps; the last one is steps - 1. Smith and Topin, arXiv:1708.07120, in the form
/// of PyTorch's OneCycleLR.
class OneCycle {
 public:
  explicit OneCycle(std::int64_t steps, const OneCycleOptions& options = {});
  double rate(double base, std::int64_t step) const;

 private:
  std::int64_t steps_;
  OneCycleOptions options_;
};

/// A straight line from start (in [0, 1]) times the first rate of another schedule up to that rate
/// within `steps` (>= 0) steps; then the other schedule, which counts its steps from there.
class Warmup {
 public:
  explicit Warmup(std::int64_t steps, Schedule then = {}, double start = 0.0);
  double rate(double base, std::int64_t step) const;

 private:
  std::int64_t steps_;
  Schedule then_;
  double start_;
};

struct PlateauOptions {
  Mode mode = Mode::min;
  double factor = 0.1;         ///< what the rate is multiplied by; in (0, 1)
  std::int64_t patience = 10;  ///< epochs without improvement that are put up with; >= 0
  double threshold = 1e-4;     ///< an improvement is more than this times |best|; >= 0
  std::int64_t cooldown = 0;   ///< epochs after a reduction that are not counted; >= 0
  double minimum = 0.0;        ///< the rate is not made lower than this; >= 0
};

/// Lowers the rate when a number stops improving. Unlike the schedules it has state, and it goes
/// with any of them: plateau.rate(schedule.rate(base, step)). PyTorch's ReduceLROnPlateau, except
/// that the threshold is relative to |best|, so it asks for an improvement below zero, too.
class Plateau {
 public:
  /// Throws DomainError on an option outside its range.
  explicit Plateau(const PlateauOptions& options = {});

  /// To be told the number once after each epoch; true if the rate is lower from now on. NaN is no
  /// improvement.
  bool observe(double value);
  /// The base rate, reduced; not below the minimum unless it was before.
  double rate(double base) const;

  /// The best number so far; before there is one, the infinity that everything is better than.
  double best() const { return best_; }
  /// How often the rate was reduced.
  std::int64_t reductions() const { return reductions_; }

  /// All that observe() has learnt, for a checkpoint.
  std::vector<double> state() const;
  /// Throws FormatError, and changes nothing, unless the numbers are what state() gave.
  void restore(std::span<const double> state);

 private:
  PlateauOptions options_;
  double best_;
  std::int64_t waited_ = 0, cooling_ = 0, reductions_ = 0;
};

}  // namespace chainrule::nn

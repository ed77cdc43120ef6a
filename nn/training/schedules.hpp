// Learning-rate schedules. A schedule is a small value: a pure function of the base rate and the
// step, without state to save. The caller decides what a step is, a batch or an epoch; steps count
// from 0. After its last step a schedule is constant. Constructors throw DomainError for arguments
// outside the stated ranges and for NaN.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "nn/training/monitor.hpp"

namespace chainrule::nn {

/// A type with a member function rate(base, step).
template <class T>
concept RateFunction = requires(const T& schedule, double base, std::int64_t step) {
  { schedule.rate(base, step) } -> std::convertible_to<double>;
};

/// A schedule of any type.
class Schedule {
 public:
  /// Always the base rate.
  Schedule() = default;
  /// One of the schedules below, or any struct with a member function rate(base, step).
  template <RateFunction T>
    requires(!std::same_as<T, Schedule>)
  Schedule(T schedule)  // NOLINT(google-explicit-constructor): any schedule converts
      : rate_([schedule = std::move(schedule)](double base, std::int64_t step) {
          return static_cast<double>(schedule.rate(base, step));
        }) {}

  /// The rate at a step. Throws DomainError for a negative step.
  double rate(double base, std::int64_t step) const;

 private:
  std::function<double(double, std::int64_t)> rate_;
};

/// Always the base rate.
struct Constant {
  double rate(double base, std::int64_t) const { return base; }
};

/// base * factor^floor(step / every), with factor >= 0 and every >= 1.
class StepDecay {
 public:
  explicit StepDecay(std::int64_t every, double factor = 0.1);
  double rate(double base, std::int64_t step) const;

 private:
  std::int64_t every_;
  double factor_;
};

/// The base rate multiplied by factor (>= 0) at each of the milestones, which are steps >= 0 in
/// ascending order.
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

/// Half a cosine from the base rate at step 0 to the rate `floor` (>= 0) at step `steps` (>= 1):
/// floor + (base - floor) (1 + cos(pi step / steps)) / 2. Loshchilov and Hutter, arXiv:1608.03983.
class Cosine {
 public:
  explicit Cosine(std::int64_t steps, double floor = 0.0);
  double rate(double base, std::int64_t step) const;

 private:
  std::int64_t steps_;
  double floor_;
};

/// A polynomial from the base rate at step 0 to the rate `floor` (>= 0) at step `steps` (>= 1):
/// floor + (base - floor) (1 - step / steps)^power, with power > 0. Linear for power 1.
class Polynomial {
 public:
  explicit Polynomial(std::int64_t steps, double power = 1.0, double floor = 0.0);
  double rate(double base, std::int64_t step) const;

 private:
  std::int64_t steps_;
  double power_, floor_;
};

/// Cosine with warm restarts: cosines from the base rate to the rate `floor` (>= 0), of which the
/// first takes `steps` (>= 1) steps and each later one `growth` (>= 1) times as many as the one
/// before. Loshchilov and Hutter, arXiv:1608.03983. Cost: linear in the number of restarts so far
/// if growth > 1.
class WarmRestarts {
 public:
  explicit WarmRestarts(std::int64_t steps, std::int64_t growth = 1, double floor = 0.0);
  double rate(double base, std::int64_t step) const;

 private:
  std::int64_t steps_, growth_;
  double floor_;
};

struct OneCycleOptions {
  double rising = 0.3;          ///< the fraction of the steps before the peak, in [0, 1]
  double start_divisor = 25.0;  ///< first rate = peak / start_divisor; >= 1
  double end_divisor = 1e4;     ///< last rate = first rate / end_divisor; >= 1
};

/// One cycle: a cosine up to the base rate, which is the peak, and a cosine down to a small rate,
/// within `steps` (>= 1) steps; the last step is steps - 1. Smith and Topin, arXiv:1708.07120, as
/// in PyTorch's OneCycleLR.
class OneCycle {
 public:
  explicit OneCycle(std::int64_t steps, const OneCycleOptions& options = {});
  double rate(double base, std::int64_t step) const;

 private:
  std::int64_t steps_;
  OneCycleOptions options_;
};

/// Linear warmup: from `start` (in [0, 1]) times the first rate of another schedule to that rate
/// within `steps` (>= 0) steps. Then follows the other schedule from its step 0.
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
  /// Whether smaller or larger values are better. In train() by default that of the monitored
  /// column.
  std::optional<Mode> mode = std::nullopt;
  double factor = 0.1;  ///< the factor of a reduction, in (0, 1)
  std::int64_t patience =
      10;                     ///< reduce after more than this many epochs without improvement; >= 0
  double threshold = 1e-4;    ///< an improvement is larger than this times |best|; >= 0
  std::int64_t cooldown = 0;  ///< epochs to ignore after a reduction; >= 0
  double minimum = 0.0;       ///< the lowest rate; >= 0
};

/// Reduces the rate when a monitored value stops improving. Unlike the schedules it has state. It
/// can be combined with any of them: plateau.rate(schedule.rate(base, step)). Like PyTorch's
/// ReduceLROnPlateau, except that the threshold is relative to |best|, so that it also works for
/// negative values.
class Plateau {
 public:
  /// Throws DomainError on an option outside its range and without a mode.
  explicit Plateau(const PlateauOptions& options);

  /// Takes the monitored value of an epoch; call it once after each. Returns whether this reduces
  /// the rate. NaN is not an improvement.
  bool observe(double value);
  /// The reduced base rate: at least the minimum, unless the base rate itself is lower.
  double rate(double base) const;

  /// The best value so far; before the first, infinity (for Mode::min) or -infinity.
  double best() const { return best_; }
  /// The number of reductions.
  std::int64_t reductions() const { return reductions_; }

  /// The state, for a checkpoint.
  std::vector<double> state() const;
  /// Restores a state. Throws FormatError, and changes nothing, unless state() made it.
  void restore(std::span<const double> state);

 private:
  PlateauOptions options_;
  Mode mode_;
  double best_;
  std::int64_t waited_ = 0, cooling_ = 0, reductions_ = 0;
};

}  // namespace chainrule::nn

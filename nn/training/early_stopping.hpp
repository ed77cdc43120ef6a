// Early stopping: ends a training that no longer improves.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "nn/training/monitor.hpp"

namespace chainrule::nn {

struct EarlyStoppingOptions {
  /// Whether smaller or larger values are better. In train() by default that of the monitored
  /// column.
  std::optional<Mode> mode = std::nullopt;
  double min_delta = 0.0;     ///< an improvement is larger than this; >= 0
  std::int64_t patience = 0;  ///< stop after this many epochs without improvement; >= 0
  std::optional<double> baseline =
      std::nullopt;              ///< only values better than this reset the patience
  std::int64_t start_epoch = 0;  ///< epochs before this one, counted from 0, are ignored
};

/// Monitors one value per epoch, such as the validation loss, and stops after `patience`
/// consecutive epochs without improvement over the best value. As in Keras, the first monitored
/// epoch never stops, and a patience of 0 acts like 1. NaN is not an improvement.
class EarlyStopping {
 public:
  /// Throws DomainError on a negative or NaN option and without a mode.
  explicit EarlyStopping(const EarlyStoppingOptions& options);

  /// Sets the number of epochs that were completed before the first observe(), for a resumed
  /// training.
  void begin_after(std::int64_t epochs) { epoch_ = epochs; }

  /// Takes the value of an epoch; call it once after each. Returns whether the value is the best so
  /// far.
  bool observe(double value);

  /// Whether training should end.
  bool should_stop() const { return stop_; }
  /// The best value so far; before the first, infinity (for Mode::min) or -infinity.
  double best() const { return best_; }
  /// The epoch of the best value, counted from 0, if there is one.
  std::optional<std::int64_t> best_epoch() const;
  /// The number of epochs since the last improvement that also beats the baseline.
  std::int64_t waited() const { return waited_; }

  /// The state, for a checkpoint.
  std::vector<double> state() const;
  /// Restores a state. The options stay those of this object: with more patience, a training that
  /// had stopped goes on. Throws FormatError, and changes nothing, unless state() made it.
  void restore(std::span<const double> state);

 private:
  EarlyStoppingOptions options_;
  Mode mode_;
  double best_;
  std::int64_t best_epoch_plus_one_ = 0, epoch_ = 0, waited_ = 0;
  bool stop_ = false;
};

}  // namespace chainrule::nn

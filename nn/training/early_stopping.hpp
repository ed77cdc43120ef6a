// The end of a training that has stopped getting better.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "nn/training/monitor.hpp"

namespace chainrule::nn {

struct EarlyStoppingOptions {
  Mode mode = Mode::min;
  double min_delta = 0.0;     ///< a change up to this size is no improvement; >= 0
  std::int64_t patience = 0;  ///< epochs without improvement that are put up with; >= 0
  std::optional<double> baseline =
      std::nullopt;              ///< only what is better than this ends the waiting
  std::int64_t start_epoch = 0;  ///< epochs before this one (counted from 0) are not looked at
};

/// Watches one number, such as the loss on the validation set, and says when to stop: after
/// `patience` epochs in a row without improvement over the best so far. As in Keras the first epoch
/// that counts never stops, and a patience of 0 acts as 1 does. NaN is no improvement.
class EarlyStopping {
 public:
  /// Throws DomainError on a negative or NaN option.
  explicit EarlyStopping(const EarlyStoppingOptions& options = {});

  /// Counts so many epochs as done that it was not told of: in a training that went on from before.
  void begin_after(std::int64_t epochs) { epoch_ = epochs; }

  /// To be told the number once after each epoch; true if it is the best so far, that is, if the
  /// parameters are worth keeping.
  bool observe(double value);

  /// Whether training should end.
  bool should_stop() const { return stop_; }
  /// The best number so far; before there is one, the infinity that everything is better than.
  double best() const { return best_; }
  /// The epoch of the best number, counted from 0; none before there is one.
  std::optional<std::int64_t> best_epoch() const;
  /// Epochs since the last improvement (one that also beats the baseline).
  std::int64_t waited() const { return waited_; }

  /// All that observe() has learnt, for a checkpoint.
  std::vector<double> state() const;
  /// Throws FormatError, and changes nothing, unless the numbers are what state() gave.
  void restore(std::span<const double> state);

 private:
  EarlyStoppingOptions options_;
  double best_;
  std::int64_t best_epoch_plus_one_ = 0, epoch_ = 0, waited_ = 0;
  bool stop_ = false;
};

}  // namespace chainrule::nn

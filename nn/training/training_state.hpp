// Where a training is: what train() needs to know to go on as if it had never ended.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "autodiff/core/random.hpp"
#include "nn/model/module.hpp"
#include "nn/training/early_stopping.hpp"
#include "nn/training/history.hpp"
#include "nn/training/schedules.hpp"

namespace chainrule::nn::detail {

/// What the batches of an epoch depend on. It may change from one epoch to the next, but not within
/// one.
struct EpochLayout {
  std::int64_t rows, batch_size, accumulate;
  bool shuffle, drop_last;
};

struct TrainingState {
  std::int64_t epoch = 0;    ///< epochs done
  std::int64_t step = 0;     ///< steps of the optimiser
  std::int64_t batch = 0;    ///< batches done of the epoch that is under way
  double rows = 0.0;         ///< in these batches
  std::vector<double> sums;  ///< of loss and metrics over these rows
  double seconds = 0.0;      ///< that this epoch has taken
  Random order;              ///< what this epoch draws the order of its rows from, at its beginning
  std::optional<EarlyStopping> stopping;
  std::optional<Plateau> plateau;
  History history;
  State best;  ///< parameters and buffers of the best epoch; kept apart from the rest

  void begin_epoch();

  State state(const EpochLayout& layout) const;
  /// Throws FormatError, and changes nothing, unless it is the state of a training with as many
  /// metrics and, within an epoch, with this layout.
  void set_state(const State& given, const EpochLayout& layout);
};

}  // namespace chainrule::nn::detail

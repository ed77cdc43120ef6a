// The state of a training, from which train() resumes.
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

/// The options that the batches of an epoch depend on. They may change between epochs, but not
/// within one.
struct EpochLayout {
  std::int64_t rows, batch_size, accumulate;
  bool shuffle, drop_last;
};

struct TrainingState {
  std::int64_t epoch = 0;    ///< finished epochs
  std::int64_t step = 0;     ///< steps of the optimiser
  std::int64_t batch = 0;    ///< finished batches of the current epoch
  double rows = 0.0;         ///< rows in these batches
  std::vector<double> sums;  ///< sums of loss and metrics over these rows
  double seconds = 0.0;      ///< duration of the current epoch so far
  Random order;              ///< the random stream of the current epoch's order, at its start
  std::optional<EarlyStopping> stopping;
  std::optional<Plateau> plateau;
  History history;
  State best;  ///< parameters and buffers of the best epoch; not part of state()

  void begin_epoch();

  State state(const EpochLayout& layout) const;
  /// Restores a state. Throws FormatError, and changes nothing, unless it is the state of a
  /// training with as many metrics and, if it ended within an epoch, with this layout.
  void set_state(const State& given, const EpochLayout& layout);
};

}  // namespace chainrule::nn::detail

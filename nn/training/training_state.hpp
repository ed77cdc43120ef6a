// The state of a training, from which train() resumes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
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

  /// The size of a batch; batch_size 0 is all rows.
  std::int64_t size() const {
    return batch_size > 0 ? batch_size : std::max<std::int64_t>(rows, 1);
  }
  std::int64_t batches() const {
    return rows / size() + (!drop_last && rows % size() != 0 ? 1 : 0);
  }
  /// Name and value of each, as a state stores them.
  std::vector<std::pair<const char*, double>> numbers() const;
};

struct TrainingState {
  std::int64_t epoch = 0;    ///< finished epochs
  std::int64_t step = 0;     ///< steps of the optimiser
  std::int64_t batch = 0;    ///< finished batches of the current epoch
  double rows = 0.0;         ///< rows in these batches
  double divisor = 0.0;      ///< of the sum of losses: these rows, or the sum of their weights
  std::vector<double> sums;  ///< sums of loss and metrics over these rows
  double seconds = 0.0;      ///< duration of the current epoch so far
  Random order;              ///< the random stream of the current epoch's order, at its start
  std::optional<EarlyStopping> stopping;
  std::optional<Plateau> plateau;
  History history;
  State best;  ///< parameters and buffers of the best epoch; not part of state()

  void begin_epoch();
  /// The mean of the loss (i = 0) or a metric over the rows so far; NaN if all weights were 0.
  double mean(std::size_t i) const { return sums[i] / (i == 0 ? divisor : rows); }

  State state(const EpochLayout& layout) const;
  /// Restores a state. Throws FormatError, and changes nothing, unless its numbers are possible
  /// and, if it ended within an epoch, it is the state of a training with this layout and as many
  /// metrics.
  void set_state(const State& given, const EpochLayout& layout);
};

}  // namespace chainrule::nn::detail

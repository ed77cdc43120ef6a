// Training: the loop over epochs and batches, with all that goes with it.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nn/data/dataset.hpp"
#include "nn/io/checkpoint.hpp"
#include "nn/optimizers/optimizer.hpp"
#include "nn/training/early_stopping.hpp"
#include "nn/training/evaluate.hpp"
#include "nn/training/history.hpp"
#include "nn/training/progress.hpp"
#include "nn/training/schedules.hpp"

namespace chainrule::nn {

/// A loss or another number that is not finite, or whose gradient is not. The model is as it was
/// before the step.
class NonFiniteError : public DomainError {
 public:
  NonFiniteError(const std::string& what, std::int64_t step, std::string parameter)
      : DomainError(what), step_(step), parameter_(std::move(parameter)) {}
  /// The step of the optimiser that was not taken, counted from 1.
  std::int64_t step() const { return step_; }
  /// The first parameter whose numbers or gradient are not finite, by its path; "" if all are.
  const std::string& parameter() const { return parameter_; }

 private:
  std::int64_t step_;
  std::string parameter_;
};

/// What is known at the end of an epoch.
struct Epoch {
  std::int64_t number;       ///< counted from 1
  const Readings& readings;  ///< as in the history
  const History& history;    ///< with this epoch
  bool& stop;                ///< to be set to end the training with this epoch
};

struct TrainOptions {
  std::int64_t epochs = 10;      ///< in all, with those before a resume
  std::int64_t batch_size = 32;  ///< 0: all rows at once
  bool shuffle = true;           ///< take the rows in another order in each epoch
  std::uint64_t seed = 0;        ///< of that order
  bool drop_last = false;        ///< leave out the rows that do not fill the last batch
  std::int64_t accumulate = 1;   ///< batches whose gradients are averaged for one step

  Dataset validation = {};           ///< evaluated after each epoch, if it has rows
  std::vector<Metric> metrics = {};  ///< for both datasets

  Schedule schedule = {};        ///< of the learning rate, by step of the optimiser
  Schedule epoch_schedule = {};  ///< by epoch; both act together
  std::optional<PlateauOptions> plateau = std::nullopt;
  double clip_norm = std::numeric_limits<double>::infinity();  ///< see clip_grad_norm()

  /// What early stopping and plateau watch: a column of the history. By default val_loss if there
  /// is validation, else loss.
  std::string monitor = {};
  std::optional<EarlyStoppingOptions> early_stopping = std::nullopt;
  bool restore_best = false;  ///< end with the parameters of the best epoch by early stopping

  ProgressOptions progress = {};
  /// Called at the end of every epoch. It may change the model, and the optimiser: a learning rate
  /// that it sets is what schedules start from then.
  std::function<void(const Epoch&)> on_epoch = nullptr;

  std::string checkpoint = {};        ///< a file to save to, if not empty
  std::int64_t checkpoint_every = 1;  ///< epochs; the last is saved in any case
  bool resume = false;                ///< go on from the checkpoint, if the file is there
  Checkpoint extra = {};              ///< further states to save with it, as they are at the start
};

struct TrainResult {
  History history;             ///< loss, metrics, val_..., learning_rate, seconds of every epoch
  std::int64_t epochs = 0;     ///< that are done, with those before a resume
  std::int64_t steps = 0;      ///< of the optimiser
  bool interrupted = false;    ///< by Ctrl-C
  bool stopped_early = false;  ///< by early stopping, or by on_epoch
  std::optional<std::int64_t> best_epoch = std::nullopt;  ///< counted from 1, by early stopping
};

/// Trains a model:
///
///   nn::Sequential model{nn::Linear(4, 16), nn::Tanh(), nn::Linear(16, 3)};
///   nn::Adam optimizer(model.parameters(), {.learning_rate = 0.01});
///   const auto result = nn::train(model, nn::cross_entropy, optimizer, training,
///                                 {.epochs = 50, .metrics = {{"accuracy", nn::accuracy}}});
///   result.history.plot("curves.svg");
///
/// The means of an epoch are weighted by the sizes of its batches and are of the model as it was
/// while it learnt. Ctrl-C ends the training after the step it is at and saves the checkpoint, if
/// there is one; resumed from it, the training gives the very numbers of one that was not
/// interrupted, as far as they come from the model, the optimiser, these options and
/// default_random(). What else a loss or callback keeps, such as a generator of its own, is theirs
/// to save. The optimiser's learning rates are what the schedules start from, and are so again at
/// the end. The model ends in use mode (eval()).
///
/// Throws DomainError for options that cannot be; NonFiniteError, with the model and the optimiser
/// as they were before the step; FormatError if a checkpoint cannot be written, or does not fit.
/// Steps after the first few allocate nothing beyond what the pool of arrays holds.
TrainResult train(Module& model, const Loss& loss, Optimizer& optimizer, const Dataset& data,
                  const TrainOptions& options = {});

}  // namespace chainrule::nn

// train(): the training loop over epochs and batches.
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

/// Thrown if a loss, a parameter or a gradient is not finite. The model is in the state before the
/// step.
class NonFiniteError : public DomainError {
 public:
  NonFiniteError(const std::string& what, std::int64_t step, std::string parameter)
      : DomainError(what), step_(step), parameter_(std::move(parameter)) {}
  /// The step of the optimiser that failed, counted from 1.
  std::int64_t step() const { return step_; }
  /// The path of the first parameter whose values or gradient are not finite; empty if all are.
  const std::string& parameter() const { return parameter_; }

 private:
  std::int64_t step_;
  std::string parameter_;
};

/// The results of an epoch, for a callback.
struct Epoch {
  std::int64_t number;       ///< counted from 1
  const Readings& readings;  ///< as in the history
  const History& history;    ///< up to and including this epoch
  bool& stop;                ///< set it to end the training after this epoch
};

struct TrainOptions {
  std::int64_t epochs = 10;  ///< total number, including those before a resume
  /// 0: all rows at once. By default 32, but all rows for Lbfgs, which needs them in each step.
  std::optional<std::int64_t> batch_size = std::nullopt;
  bool shuffle = true;          ///< shuffle the rows in each epoch
  std::uint64_t seed = 0;       ///< of the shuffling
  bool drop_last = false;       ///< omit a last batch that is smaller than the others
  std::int64_t accumulate = 1;  ///< number of batches whose gradients are added for one step

  /// Evaluated after each epoch, if it has rows. Its classes and columns must be those of the
  /// training set: see Dataset::check_like().
  Dataset validation = {};
  std::vector<Metric> metrics = {};  ///< additional metrics to report, for both datasets

  Schedule schedule = {};        ///< of the learning rate, per step of the optimiser
  Schedule epoch_schedule = {};  ///< the same per epoch; both can be combined
  std::optional<PlateauOptions> plateau = std::nullopt;
  double clip_norm = std::numeric_limits<double>::infinity();  ///< see clip_grad_norm()

  /// The column of the history that early stopping and plateau monitor. By default val_loss if
  /// there is validation data, else loss.
  std::string monitor = {};
  std::optional<EarlyStoppingOptions> early_stopping = std::nullopt;
  bool restore_best = false;  ///< end with the parameters of the best epoch of early stopping

  ProgressOptions progress = {};
  /// Called at the end of every epoch. It may change the model and the optimiser. A learning rate
  /// that it sets becomes the base rate of the schedules.
  std::function<void(const Epoch&)> on_epoch = nullptr;

  std::string checkpoint = {};        ///< path of a file to save to, if not empty
  std::int64_t checkpoint_every = 1;  ///< epochs between saves; the last epoch is always saved
  /// Continue from the checkpoint if the file exists. Where options differ from those it was saved
  /// with, notes of the progress say which count.
  ///
  /// Those of the checkpoint: seed, options of the optimiser such as the learning rate, and which
  /// parameters are frozen. Those given here: epochs, schedules, clip_norm, early stopping (with
  /// more patience, a training that had stopped goes on) and plateau; also batch_size, accumulate,
  /// shuffle, drop_last and the rows of the dataset, but a checkpoint within an epoch needs the
  /// same. Another monitored column or mode, or other names of classes, are a FormatError: the best
  /// value so far, or the labels, would mean something else.
  bool resume = false;
  Checkpoint extra = {};  ///< further states to save in the checkpoint, copied at start
};

struct TrainResult {
  History history;             ///< loss, metrics, val_..., learning_rate, seconds of every epoch
  std::int64_t epochs = 0;     ///< finished epochs, including those before a resume
  std::int64_t steps = 0;      ///< of the optimiser
  bool interrupted = false;    ///< by Ctrl-C or SIGTERM
  bool stopped_early = false;  ///< by early stopping, or by on_epoch
  std::optional<std::int64_t> best_epoch = std::nullopt;  ///< counted from 1, by early stopping
};

/// Trains a model, with any optimiser:
///
///   nn::Sequential model{nn::Linear(4, 16), nn::Tanh(), nn::Linear(16, 3)};
///   nn::Adam optimizer(model.parameters(), {.learning_rate = 0.01});
///   const auto result = nn::train(model, nn::cross_entropy, optimizer, training,
///                                 {.epochs = 50, .metrics = {{"accuracy", nn::accuracy}}});
///   result.history.plot("curves.svg");
///
/// The reported training loss is the mean over the rows of an epoch, with the weights of Loss, and
/// metrics are means over the rows; both are computed while the model changes. Ctrl-C or SIGTERM
/// ends the training after the current step and saves the checkpoint, if there is one; a second
/// signal ends the program as usual. A training that is resumed from it gives bit for bit the
/// results of one without interruption, as far as they depend on the model, the optimiser, these
/// options and default_random(). Other state of a loss or callback, such as its own random
/// generator, is not saved. The base rates of the schedules are the optimiser's learning rates,
/// which are restored at the end. The model ends in evaluation mode.
///
/// With Lbfgs each epoch is one step with all rows; the reported loss is that before the step.
/// Within a step, dropout and other random layers repeat the same numbers.
///
/// Throws DomainError for invalid options and for a trainable parameter of the model that the
/// optimiser does not have; NonFiniteError if the loss or a gradient is not finite, with model and
/// optimiser as they were before the step; FormatError if a checkpoint cannot be written or does
/// not fit. What can be checked is checked before the first step: options, datasets, whether the
/// checkpoint can be saved. Steps after the first few take all memory from the pool of arrays.
TrainResult train(Module& model, const Loss& loss, Optimizer& optimizer, const Dataset& data,
                  const TrainOptions& options = {});

}  // namespace chainrule::nn

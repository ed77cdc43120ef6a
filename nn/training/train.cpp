#include "nn/training/train.hpp"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "nn/training/clock.hpp"
#include "nn/training/interrupt.hpp"
#include "nn/training/measured_columns.hpp"
#include "nn/training/step_slope.hpp"
#include "nn/training/train_checkpoint.hpp"
#include "nn/training/train_checks.hpp"
#include "nn/training/training_state.hpp"

namespace chainrule::nn {
namespace {

/// One call of train().
class Training {
 public:
  Training(Module& model, const Loss& loss, Optimizer& optimizer, const Dataset& data,
           const TrainOptions& options, const detail::EpochLayout& layout)
      : model_(model),
        loss_(loss),
        optimizer_(optimizer),
        data_(data),
        options_(options),
        layout_(layout),
        columns_(options),
        slope_(model, loss, optimizer, options,
               [this](const Batch& batch, const BatchLoss& loss_of_batch,
                      const std::vector<double>& metrics) {
                 finished(batch, loss_of_batch, metrics);
               }),
        progress_(options.epochs, options.progress) {
    state_.order = Random(options.seed);
    state_.sums.resize(columns_.training());
    if (options.early_stopping)
      state_.stopping.emplace(columns_.with_mode(*options.early_stopping, "early_stopping"));
    if (options.plateau) state_.plateau.emplace(columns_.with_mode(*options.plateau, "plateau"));
    for (std::size_t i = 0; i < columns_.training(); ++i)
      readings_.push_back({columns_.names()[i], 0.0});
  }

  TrainResult run() {
    prepare();
    for (std::size_t group = 0; group < optimizer_.group_count(); ++group)
      base_rates_.push_back(optimizer_.learning_rate(group));
    set_rates_ = base_rates_;
    const AtEnd end{*this};
    const InterruptGuard guard;
    bool interrupted = false;
    while (state_.epoch < options_.epochs && !stopped_early() && !interrupted) {
      interrupted = !epoch(guard) || guard.requested();
      const bool is_last = state_.epoch >= options_.epochs || stopped_early() || interrupted;
      if (is_last || state_.epoch % options_.checkpoint_every == 0) save();
    }
    interrupted = interrupted || guard.requested();  // during the last save
    if (interrupted) progress_.note("interrupted");
    if (stopped_early()) progress_.note("stopped early");
    if (options_.restore_best && !state_.best.arrays.empty()) model_.set_state(state_.best);
    TrainResult result{state_.history, state_.epoch, state_.step, interrupted, stopped_early(), {}};
    if (state_.stopping && state_.stopping->best_epoch())
      result.best_epoch = *state_.stopping->best_epoch() + 1;
    return result;
  }

 private:
  /// Restores the optimiser's learning rates and sets evaluation mode, also after an exception.
  struct AtEnd {
    Training& training;
    ~AtEnd() {
      training.set_rates([](double base) { return base; });
      training.model_.eval();
    }
  };

  detail::TrainingParts parts() {
    return {model_, optimizer_, data_, options_, layout_, columns_, state_};
  }

  /// Finds what would fail later, and continues from the checkpoint.
  void prepare() {
    if (!options_.checkpoint.empty())
      check_can_save(options_.checkpoint, detail::checkpoint_of(parts()));
    if (options_.resume && std::filesystem::exists(options_.checkpoint))
      for (const std::string& note : detail::resume_training(parts())) progress_.note(note);
    // Before the first best epoch this holds the memory of the best parameters.
    if (options_.restore_best && state_.best.arrays.empty()) reserve_ = model_.state();
  }

  template <class F>
  void set_rates(F f) {
    for (std::size_t group = 0; group < base_rates_.size(); ++group) {
      set_rates_[group] = f(base_rates_[group]);
      optimizer_.set_learning_rate(set_rates_[group], group);
    }
  }
  /// A learning rate that the callback has set becomes the base rate of the schedules.
  void take_changed_rates() {
    for (std::size_t group = 0; group < base_rates_.size(); ++group)
      if (const double rate = optimizer_.learning_rate(group); rate != set_rates_[group])
        base_rates_[group] = rate;
  }

  bool stopped_early() const {
    return stop_asked_ || (state_.stopping && state_.stopping->should_stop());
  }

  /// Runs the rest of an epoch. Returns false if it was interrupted before the last batch.
  bool epoch(const InterruptGuard& guard) {
    const double start = detail::steady_seconds() - state_.seconds;
    detail::check_parameters(model_, optimizer_);  // a callback may have unfrozen some
    Random order = state_.order;  // a copy: an interrupted epoch starts again from the original
    const Batches batches = data_.batches(
        layout_.batch_size,
        {.drop_last = layout_.drop_last, .shuffle = layout_.shuffle ? &order : nullptr});
    progress_.begin_epoch(state_.epoch + 1, batches.size());
    model_.train();
    while (state_.batch < batches.size()) {
      step(batches);
      state_.seconds = detail::steady_seconds() - start;
      if (guard.requested() && state_.batch < batches.size()) return false;
    }
    state_.order = order;
    finish_epoch();
    return true;
  }

  /// One step of the optimiser, with up to `accumulate` batches.
  void step(const Batches& batches) {
    set_rates([&](double base) {
      const double rate =
          options_.epoch_schedule.rate(options_.schedule.rate(base, state_.step), state_.epoch);
      return state_.plateau ? state_.plateau->rate(rate) : rate;
    });
    slope_.begin(batches, state_.batch, std::min(state_.batch + layout_.accumulate, batches.size()),
                 state_.step + 1, state_.epoch + 1);
    optimizer_.step_by(std::ref(slope_));
    ++state_.step;
  }

  /// Adds the results of a finished batch to those of the epoch.
  void finished(const Batch& batch, const BatchLoss& loss, const std::vector<double>& metrics) {
    const auto rows = static_cast<double>(batch.size());
    ++state_.batch;
    state_.rows += rows;
    state_.divisor += loss.divisor;
    state_.sums[0] += loss.factor * loss.value.item();
    for (std::size_t i = 0; i < metrics.size(); ++i) state_.sums[i + 1] += rows * metrics[i];
    for (std::size_t i = 0; i < readings_.size(); ++i) readings_[i].value = state_.mean(i);
    progress_.advance(batch.size(), readings_);
  }

  void finish_epoch() {
    detail::mean_of(state_.sums[0], state_.divisor, "train");  // throws if there is no mean
    Readings row;
    const auto add = [&](double value) { row.push_back({columns_.names()[row.size()], value}); };
    for (std::size_t i = 0; i < state_.sums.size(); ++i) add(state_.mean(i));
    if (!options_.validation.empty()) {
      const Evaluation evaluation =
          evaluate(model_, loss_, options_.validation, options_.metrics, layout_.batch_size);
      add(evaluation.loss);
      for (const auto& metric : evaluation.metrics) add(metric.second);
    }
    const double monitored = row[columns_.monitored_index()].value;
    Readings shown = row;
    row.push_back({"learning_rate", optimizer_.learning_rate()});
    row.push_back({"seconds", state_.seconds});
    state_.history.append(row);
    ++state_.epoch;
    state_.begin_epoch();
    if (state_.stopping && state_.stopping->observe(monitored) && options_.restore_best) {
      reserve_ = State();
      state_.best.arrays = model_.state().arrays;
    }
    if (state_.plateau) state_.plateau->observe(monitored);
    progress_.end_epoch(shown);
    if (!options_.on_epoch) return;
    options_.on_epoch({state_.epoch, row, state_.history, stop_asked_});
    take_changed_rates();
  }

  void save() {
    if (options_.checkpoint.empty()) return;
    set_rates([](double base) { return base; });
    save_checkpoint(options_.checkpoint, detail::checkpoint_of(parts()));
  }

  Module& model_;
  const Loss& loss_;
  Optimizer& optimizer_;
  const Dataset& data_;
  const TrainOptions& options_;
  const detail::EpochLayout layout_;
  const detail::MeasuredColumns columns_;
  detail::StepSlope slope_;
  Progress progress_;
  detail::TrainingState state_;
  State reserve_;
  std::vector<double> base_rates_, set_rates_;  // base rates of the schedules; rates set last
  bool stop_asked_ = false;
  Readings readings_;  // running means
};

}  // namespace

TrainResult train(Module& model, const Loss& loss, Optimizer& optimizer, const Dataset& data,
                  const TrainOptions& options) {
  const detail::EpochLayout layout = detail::layout_of(optimizer, data, options);
  detail::check_options(loss, optimizer, data, options, layout);
  detail::check_parameters(model, optimizer);
  detail::check_last_batch(model, loss, data, layout);
  return Training(model, loss, optimizer, data, options, layout).run();
}

}  // namespace chainrule::nn

#include "nn/training/train.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "autodiff/arrays.hpp"
#include "nn/model/initializers.hpp"
#include "nn/training/clock.hpp"
#include "nn/training/interrupt.hpp"
#include "nn/training/training_state.hpp"

namespace chainrule::nn {
namespace {

/// The state that a forward pass changes: buffers, such as running statistics, and random streams.
class ForwardState : Members {
 public:
  explicit ForwardState(Module& model) { model.members(*this); }
  void save() {
    for (std::size_t i = 0; i < buffers_.size(); ++i) values_[i] = buffers_[i].value();
    for (std::size_t i = 0; i < randoms_.size(); ++i) streams_[i] = *randoms_[i];
    default_ = default_random();
  }
  void restore() {
    for (std::size_t i = 0; i < buffers_.size(); ++i) buffers_[i].replace(values_[i]);
    for (std::size_t i = 0; i < randoms_.size(); ++i) *randoms_[i] = streams_[i];
    default_random() = default_;
  }

 private:
  void on_buffer(Buffer& buffer) override {
    buffers_.push_back(buffer);
    values_.push_back(buffer.value());
  }
  void on_random(Random& random) override {
    randoms_.push_back(&random);
    streams_.push_back(random);
  }
  std::vector<Buffer> buffers_;
  std::vector<Array> values_;
  std::vector<Random*> randoms_;
  std::vector<Random> streams_;
  Random default_;  // default_random(), from which a loss may draw
};

void check_options(const Loss& loss, const Dataset& data, const TrainOptions& o) {
  const auto check = [](bool holds, const char* what) {
    if (!holds) throw DomainError(fmt::format("train: {}", what));
  };
  check(o.epochs >= 1, "epochs must be at least 1");
  check(o.batch_size >= 0, "batch_size is negative");
  check(o.accumulate >= 1, "accumulate must be at least 1");
  check(o.clip_norm > 0.0, "clip_norm must be positive");
  check(o.checkpoint_every >= 1, "checkpoint_every must be at least 1");
  check(!o.resume || !o.checkpoint.empty(), "resume needs the path of a checkpoint");
  check(!o.restore_best || o.early_stopping, "restore_best needs early_stopping");
  check(!loss.calls_the_model() || o.metrics.empty(),
        "metrics need a loss that is a function of the model's output");
  for (const char* const name : {"model", "optimizer", "training", "best"})
    check(!o.extra.contains(name), "an extra state has the name of one that train() saves itself");
  if (!o.validation.empty()) o.validation.check_like(data, "train: the validation set");
  if (data.batches(o.batch_size, {.drop_last = o.drop_last}).size() == 0)
    throw ShapeError(
        fmt::format("train: {} rows do not fill a batch of {}", data.size(), o.batch_size));
}

/// One call of train().
class Training {
 public:
  Training(Module& model, const Loss& loss, Optimizer& optimizer, const Dataset& data,
           const TrainOptions& options)
      : model_(model),
        loss_(loss),
        optimizer_(optimizer),
        data_(data),
        options_(options),
        forward_state_(model),
        progress_(options.epochs, options.progress) {
    state_.order = Random(options.seed);
    names_ = {"loss"};
    for (const Metric& metric : options.metrics) names_.push_back(metric.name);
    state_.sums.resize(names_.size());
    if (!options.validation.empty())
      for (std::size_t i = 0, n = names_.size(); i < n; ++i) names_.push_back("val_" + names_[i]);
    monitor_ = options.monitor;
    if (monitor_.empty()) monitor_ = options.validation.empty() ? "loss" : "val_loss";
    if (std::find(names_.begin(), names_.end(), monitor_) == names_.end())
      throw DomainError(fmt::format("train: cannot monitor '{}'; the columns are: {}", monitor_,
                                    fmt::join(names_, ", ")));
    if (options.early_stopping)
      state_.stopping.emplace(with_mode(*options.early_stopping, "early_stopping"));
    if (options.plateau) state_.plateau.emplace(with_mode(*options.plateau, "plateau"));
    std::vector<std::string> columns = names_;
    columns.insert(columns.end(), {"learning_rate", "seconds", "epoch"});
    std::sort(columns.begin(), columns.end());
    if (const auto twice = std::adjacent_find(columns.begin(), columns.end());
        twice != columns.end())
      throw DomainError(fmt::format("train: two columns of the history are named '{}'", *twice));
    for (const std::string& name : names_) readings_.push_back({name, 0.0});
    readings_.resize(state_.sums.size());
  }

  TrainResult run() {
    if (options_.resume && std::filesystem::exists(options_.checkpoint)) resume();
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

  /// The options with the mode of the monitored column. Throws DomainError if that is not known, or
  /// if the options have another one.
  template <class Options>
  Options with_mode(Options options, const char* name) const {
    const std::size_t column =
        static_cast<std::size_t>(std::find(names_.begin(), names_.end(), monitor_) -
                                 names_.begin()) %
        (options_.metrics.size() + 1);
    const std::optional<Mode> mode =
        column == 0 ? std::optional(Mode::min) : options_.metrics[column - 1].mode;
    if (!mode && !options.mode)
      throw DomainError(fmt::format(
          "train: {} monitors '{}', of which it is not known whether larger or smaller values are "
          "better. Say it with the metric: {{\"{}\", f, nn::Mode::max}}, or nn::Mode::min.",
          name, monitor_, options_.metrics[column - 1].name));
    if (mode && options.mode && *mode != *options.mode)
      throw DomainError(fmt::format(
          "train: the mode of {} is {}, but the best values of '{}' are the {}. "
          "Leave the mode out.",
          name, name_of(*options.mode), monitor_, *mode == Mode::max ? "largest" : "smallest"));
    if (mode) options.mode = mode;
    return options;
  }

  bool stopped_early() const {
    return stop_asked_ || (state_.stopping && state_.stopping->should_stop());
  }

  /// Runs the rest of an epoch. Returns false if it was interrupted before the last batch.
  bool epoch(const InterruptGuard& guard) {
    const double start = detail::steady_seconds() - state_.seconds;
    Random order = state_.order;  // a copy: an interrupted epoch starts again from the original
    const Batches batches = data_.batches(
        options_.batch_size,
        {.drop_last = options_.drop_last, .shuffle = options_.shuffle ? &order : nullptr});
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
    forward_state_.save();
    const std::int64_t end = std::min(state_.batch + options_.accumulate, batches.size());
    if (end - state_.batch == 1) {
      const Batch batch = batches[state_.batch];
      move(gradients_of(batch));
      ended(batch);
      return;
    }
    // The mean over all rows, which equals the gradient of one large batch.
    std::optional<Gradients> sum;
    std::int64_t rows = 0;
    for (std::int64_t i = state_.batch; i < end; ++i) {
      const Batch batch = batches[i];
      Gradients part = gradients_of(batch) * weight_of(batch);
      if (sum)
        *sum += part;
      else
        sum = std::move(part);
      rows += batch.size();
      ended(batch);
    }
    move(loss_.is_sum() ? std::move(*sum) : std::move(*sum) * (1.0 / static_cast<double>(rows)));
  }

  /// The weight of a batch's loss in the mean over several batches.
  double weight_of(const Batch& batch) const {
    return loss_.is_sum() ? 1.0 : static_cast<double>(batch.size());
  }

  Gradients gradients_of(const Batch& batch) {
    const Graph graph;
    Tensor output;
    const Tensor loss = loss_(model_, batch, output);
    Gradients gradients = optimizer_.gradients(gradient(loss));
    const double value = loss.item();
    check_finite(value, gradients);
    values_.assign(1, value);
    for (const Metric& metric : options_.metrics)
      values_.push_back(metric.of(Tensor(output.value()), batch));
    return gradients;
  }

  void check_finite(double loss, const Gradients& gradients) {
    const auto is_finite = [](const Array& x) { return x.is_null() || all_finite(x); };
    std::string bad_parameter;
    for (std::size_t i = 0; i < gradients.size() && bad_parameter.empty(); ++i) {
      const NamedParameter& entry = gradients.parameters()[i];
      // Values that are not finite make the loss or the gradients not finite.
      if (!is_finite(gradients[i]) || (!std::isfinite(loss) && !is_finite(entry.parameter.value())))
        bad_parameter = entry.name;
    }
    if (std::isfinite(loss) && bad_parameter.empty()) return;
    forward_state_.restore();
    throw NonFiniteError(
        fmt::format("train: step {}, in epoch {}: the loss is {}{}. The model is as it was before "
                    "this step; try a lower learning rate, clip_norm, or look at the data.",
                    state_.step + 1, state_.epoch + 1, loss,
                    bad_parameter.empty()
                        ? std::string(", while all parameters and gradients are finite")
                        : fmt::format("; the first parameter that is not finite, or "
                                      "whose gradient is not, is {}",
                                      bad_parameter)),
        state_.step + 1, bad_parameter);
  }

  void move(Gradients gradients) {
    if (std::isfinite(options_.clip_norm))
      gradients = clip_grad_norm(std::move(gradients), options_.clip_norm);
    optimizer_.step(std::move(gradients));
    ++state_.step;
  }

  /// Adds the results of a finished batch to those of the epoch.
  void ended(const Batch& batch) {
    const auto rows = static_cast<double>(batch.size());
    ++state_.batch;
    state_.rows += rows;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      state_.sums[i] += (i == 0 ? weight_of(batch) : rows) * values_[i];
      readings_[i].value = state_.sums[i] / state_.rows;
    }
    progress_.advance(batch.size(), readings_);
  }

  void finish_epoch() {
    Readings row;
    for (std::size_t i = 0; i < state_.sums.size(); ++i)
      row.push_back({names_[i], state_.sums[i] / state_.rows});
    if (!options_.validation.empty()) {
      const Evaluation evaluation = evaluate(model_, loss_, options_.validation, options_.metrics,
                                             std::max<std::int64_t>(options_.batch_size, 0));
      std::size_t i = state_.sums.size();
      row.push_back({names_[i], evaluation.loss});
      for (const auto& metric : evaluation.metrics) row.push_back({names_[++i], metric.second});
    }
    const double monitored = std::find_if(row.begin(), row.end(), [&](const Reading& reading) {
                               return reading.name == monitor_;
                             })->value;
    Readings shown = row;
    row.push_back({"learning_rate", optimizer_.learning_rate()});
    row.push_back({"seconds", state_.seconds});
    state_.history.append(row);
    ++state_.epoch;
    state_.begin_epoch();
    if (state_.stopping && state_.stopping->observe(monitored) && options_.restore_best)
      state_.best.arrays = model_.state().arrays;
    if (state_.plateau) state_.plateau->observe(monitored);
    progress_.end_epoch(shown);
    if (!options_.on_epoch) return;
    options_.on_epoch({state_.epoch, row, state_.history, stop_asked_});
    take_changed_rates();
  }

  // ---- Checkpoints ------------------------------------------------------------------------------

  void save() {
    if (options_.checkpoint.empty()) return;
    set_rates([](double base) { return base; });
    Checkpoint checkpoint = options_.extra;
    checkpoint.emplace("model", model_.state());
    checkpoint.emplace("optimizer", optimizer_.state());
    State training = state_.state(layout());
    training.texts.emplace("default_random", default_random().state());
    for (const NamedParameter& entry : model_.parameters())
      if (!entry.parameter.is_trainable()) training.numbers.emplace("frozen." + entry.name, 1.0);
    checkpoint.emplace("training", std::move(training));
    if (!state_.best.arrays.empty()) checkpoint.emplace("best", state_.best);
    save_checkpoint(options_.checkpoint, checkpoint);
  }

  void resume() {
    try {
      const Checkpoint checkpoint = load_checkpoint(options_.checkpoint);
      detail::TrainingState state = state_;
      const State& training = state_in(checkpoint, "training");
      state.set_state(training, layout());
      const auto stream = training.texts.find("default_random");
      Random random = default_random();
      if (stream != training.texts.end()) random.restore(stream->second);
      if (options_.restore_best && checkpoint.contains("best")) {
        state.best = state_in(checkpoint, "best");
        detail::check_state({model_.state().arrays, {}, {}}, state.best, "the best model");
      } else if (options_.restore_best && state.stopping->best_epoch()) {
        throw FormatError(
            "restore_best was not set before, so the best parameters were not saved. Do not set "
            "it, or start again without resume");
      }
      restore(checkpoint, model_, optimizer_);
      state_ = std::move(state);
      default_random() = random;
      for (NamedParameter entry : model_.parameters())
        entry.parameter.set_trainable(!training.numbers.contains("frozen." + entry.name));
    } catch (const FormatError& error) {
      throw FormatError(
          fmt::format("train: cannot resume from {}: {}", options_.checkpoint, error.what()));
    }
  }

  /// The options that the batches of an epoch depend on.
  detail::EpochLayout layout() const {
    return {data_.size(), options_.batch_size, options_.accumulate, options_.shuffle,
            options_.drop_last};
  }

  Module& model_;
  const Loss& loss_;
  Optimizer& optimizer_;
  const Dataset& data_;
  const TrainOptions& options_;
  ForwardState forward_state_;
  Progress progress_;
  detail::TrainingState state_;
  std::vector<double> base_rates_, set_rates_;  // base rates of the schedules; rates set last
  bool stop_asked_ = false;
  std::string monitor_;
  std::vector<std::string> names_;  // loss and metrics; then the same with val_
  Readings readings_;               // running means
  std::vector<double> values_;      // of the last batch
};

}  // namespace

TrainResult train(Module& model, const Loss& loss, Optimizer& optimizer, const Dataset& data,
                  const TrainOptions& options) {
  check_options(loss, data, options);
  return Training(model, loss, optimizer, data, options).run();
}

}  // namespace chainrule::nn

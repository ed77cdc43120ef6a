#include "nn/training/train_checkpoint.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "nn/data/csv.hpp"
#include "nn/io/shown.hpp"
#include "nn/model/initializers.hpp"

namespace chainrule::nn::detail {
namespace {

/// Which value applies if an option differs from that of the checkpoint; none if that is an error.
enum class Applies { checkpoint, options, none };

struct Setting {
  std::string name, value;
  Applies applies;
};

/// Names as one text that no other names have.
std::string line_of(const std::vector<std::string>& names) {
  std::string line;
  for (const std::string& name : names) line += (line.empty() ? "" : ", ") + csv_field(name);
  return line;
}

/// The options that are saved to be compared with those at a resume.
std::vector<Setting> settings_of(const TrainingParts& parts) {
  const TrainOptions& o = parts.options;
  std::vector<Setting> list = {{"seed", fmt::format("{}", o.seed), Applies::checkpoint},
                               {"clip_norm", fmt::format("{}", o.clip_norm), Applies::options},
                               {"class_names", line_of(parts.data.class_names()), Applies::none}};
  if (o.early_stopping || o.plateau)
    list.push_back({"monitor", parts.columns.monitored(), Applies::none});
  const auto add = [&](const char* owner, const char* name, auto value) {
    list.push_back({fmt::format("{}.{}", owner, name), fmt::format("{}", value), Applies::options});
  };
  const auto add_mode = [&](const char* owner, const auto& options) {
    list.push_back({fmt::format("{}.mode", owner),
                    name_of(*parts.columns.with_mode(options, owner).mode), Applies::none});
  };
  if (o.early_stopping) {
    const char* const owner = "early_stopping";
    add_mode(owner, *o.early_stopping);
    add(owner, "min_delta", o.early_stopping->min_delta);
    add(owner, "patience", o.early_stopping->patience);
    add(owner, "baseline",
        o.early_stopping->baseline ? fmt::format("{}", *o.early_stopping->baseline) : "none");
    add(owner, "start_epoch", o.early_stopping->start_epoch);
  }
  if (o.plateau) {
    const char* const owner = "plateau";
    add_mode(owner, *o.plateau);
    add(owner, "factor", o.plateau->factor);
    add(owner, "patience", o.plateau->patience);
    add(owner, "threshold", o.plateau->threshold);
    add(owner, "cooldown", o.plateau->cooldown);
    add(owner, "minimum", o.plateau->minimum);
  }
  return list;
}

std::string metrics_of(const TrainingParts& parts) {
  const auto first = parts.columns.names().begin();
  return fmt::format(
      "{}", fmt::join(first, first + static_cast<std::ptrdiff_t>(parts.columns.training()), ", "));
}

/// The same as shown() of a text that differs from another one, perhaps far behind its beginning.
std::string shown_from_difference(const std::string& text, const std::string& other) {
  constexpr std::ptrdiff_t context = 20;
  const auto same =
      std::mismatch(text.begin(), text.end(), other.begin(), other.end()).first - text.begin();
  if (same <= context) return shown(text);
  return "..." + shown(text.substr(static_cast<std::size_t>(same - context)));
}

std::string note(const std::string& name, const std::string& used, const char* of,
                 const std::string& other) {
  return fmt::format("resumed with {} {}, of {}, not {}", name, shown(used), of, shown(other));
}

/// Compares the options with those in the state of a training. Adds a note for each that differs.
/// Throws FormatError for one that must not.
void compare_settings(const TrainingParts& parts, const State& training,
                      std::vector<std::string>& notes) {
  for (const Setting& now : settings_of(parts)) {
    const auto before = training.texts.find("option." + now.name);
    if (before == training.texts.end() || before->second == now.value) continue;
    if (now.applies == Applies::none)
      throw FormatError(
          fmt::format("{} was '{}', but now is '{}'. Use the same again, or start without resume",
                      now.name, shown_from_difference(before->second, now.value),
                      shown_from_difference(now.value, before->second)));
    if (now.applies == Applies::checkpoint)
      notes.push_back(note(now.name, before->second, "the checkpoint", now.value));
    else
      notes.push_back(note(now.name, now.value, "the options", before->second));
  }
  for (const auto& [name, now] : parts.layout.numbers()) {
    const double before = training.numbers.find(name)->second;  // set_state() has found it
    if (before != now)
      notes.push_back(note(std::string(name).substr(7), fmt::format("{}", now), "the options",
                           fmt::format("{}", before)));
  }
  const auto metrics = training.texts.find("metrics");
  if (parts.state.batch > 0 && metrics != training.texts.end() &&
      metrics->second != metrics_of(parts))
    throw FormatError(
        fmt::format("the training ended within an epoch, with the columns {}, but "
                    "now has {}",
                    shown(metrics->second), metrics_of(parts)));
}

/// Adds a note for each option of the optimiser that the checkpoint has changed.
void compare_numbers(const State& before, const State& now, std::vector<std::string>& notes) {
  for (const auto& [name, value] : now.numbers) {
    const bool is_option = name.starts_with("group.") || name == "learning_rate";
    const auto found = before.numbers.find(name);
    if (is_option && !name.ends_with(".step") && found != before.numbers.end() &&
        found->second != value)
      notes.push_back(note("the optimiser's " + name, fmt::format("{}", value), "the checkpoint",
                           fmt::format("{}", found->second)));
  }
}

std::vector<std::string> resume(const TrainingParts& parts) {
  const TrainOptions& options = parts.options;
  const Checkpoint checkpoint = load_checkpoint(options.checkpoint);
  TrainingState state = parts.state;
  const State& training = state_in(checkpoint, "training");
  state.set_state(training, parts.layout);
  std::vector<std::string> notes;
  compare_settings(
      {parts.model, parts.optimizer, parts.data, options, parts.layout, parts.columns, state},
      training, notes);
  const auto stream = training.texts.find("default_random");
  Random random = default_random();
  if (stream != training.texts.end()) random.restore(stream->second);
  if (options.restore_best && checkpoint.contains("best")) {
    state.best = state_in(checkpoint, "best");
    check_state({parts.model.state().arrays, {}, {}}, state.best, "the best model");
  } else if (options.restore_best && state.stopping->best_epoch()) {
    throw FormatError(
        "restore_best was not set before, so the best parameters were not saved. Do not set it, or "
        "start again without resume");
  }
  const State before = parts.optimizer.state();
  restore(checkpoint, parts.model, parts.optimizer);
  compare_numbers(before, parts.optimizer.state(), notes);
  parts.state = std::move(state);
  default_random() = random;
  for (NamedParameter entry : parts.model.parameters()) {
    const bool is_trainable = !training.numbers.contains("frozen." + entry.name);
    if (is_trainable != entry.parameter.is_trainable())
      notes.push_back(fmt::format("resumed with {} {}, as in the checkpoint", entry.name,
                                  is_trainable ? "trainable" : "frozen"));
    entry.parameter.set_trainable(is_trainable);
  }
  if (parts.state.epoch >= options.epochs)
    notes.push_back(fmt::format("the checkpoint has {} epochs already, of {}", parts.state.epoch,
                                options.epochs));
  return notes;
}

}  // namespace

Checkpoint checkpoint_of(const TrainingParts& parts) {
  Checkpoint checkpoint = parts.options.extra;
  checkpoint.emplace("model", parts.model.state());
  checkpoint.emplace("optimizer", parts.optimizer.state());
  State training = parts.state.state(parts.layout);
  training.texts.emplace("default_random", default_random().state());
  training.texts.emplace("metrics", metrics_of(parts));
  for (const Setting& setting : settings_of(parts))
    training.texts.emplace("option." + setting.name, setting.value);
  for (const NamedParameter& entry : parts.model.parameters())
    if (!entry.parameter.is_trainable()) training.numbers.emplace("frozen." + entry.name, 1.0);
  checkpoint.emplace("training", std::move(training));
  if (!parts.state.best.arrays.empty()) checkpoint.emplace("best", parts.state.best);
  return checkpoint;
}

std::vector<std::string> resume_training(const TrainingParts& parts) {
  const auto fail = [&](const Error& error) {
    return FormatError(
        fmt::format("train: cannot resume from {}: {}", parts.options.checkpoint, error.what()));
  };
  try {
    return resume(parts);
  } catch (const FormatError& error) {
    throw fail(error);
  } catch (const DomainError& error) {  // an option of the optimiser out of its range
    throw fail(error);
  }
}

}  // namespace chainrule::nn::detail

#include "nn/training/train_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "nn/model/layers/normalization.hpp"
#include "nn/training/forward_state.hpp"

namespace chainrule::nn::detail {
namespace {

struct HasBatchNorm : Members {
  bool found = false;
  bool on_module(Module& module) override {
    found = found || dynamic_cast<BatchNorm*>(&module) != nullptr;
    return !found;
  }
};

/// Puts a model into training mode; the destructor restores the mode of each part.
class TrainingMode : Members {
 public:
  explicit TrainingMode(Module& model) {
    model.members(*this);
    for (const auto& [mode, before] : modes_) *mode = true;
  }
  ~TrainingMode() override {
    for (const auto& [mode, before] : modes_) *mode = before;
  }
  TrainingMode(const TrainingMode&) = delete;
  TrainingMode& operator=(const TrainingMode&) = delete;

 private:
  void on_mode(bool& mode) override { modes_.emplace_back(&mode, mode); }
  std::vector<std::pair<bool*, bool>> modes_;
};

/// All weights of a subset may be 0, while some of the whole are above 0.
void check_weights(const Dataset& data, const char* what) {
  if (data.empty() || !data.has_weights()) return;
  const std::vector<double> weights = to_vector(data.weights());
  if (std::all_of(weights.begin(), weights.end(), [](double x) { return x == 0.0; }))
    throw DomainError(fmt::format(
        "train: the weights of all {} rows of the {} set are 0, so its loss has no mean",
        data.size(), what));
}

/// Whether the model refuses these rows; if so, the reason.
std::optional<std::string> refusal(const Module& model, const Dataset& rows) {
  try {
    const Graph scratch;
    model(rows.batches(0)[0].x);
    return std::nullopt;
  } catch (const ShapeError& error) {
    return error.what();
  }
}

bool has_batch_norm(Module& model) {
  if (dynamic_cast<BatchNorm*>(&model) != nullptr) return true;
  HasBatchNorm visitor;
  model.members(visitor);
  return visitor.found;
}

}  // namespace

EpochLayout layout_of(const Optimizer& optimizer, const Dataset& data, const TrainOptions& o) {
  constexpr std::int64_t usual = 32;
  const std::int64_t size = o.batch_size.value_or(optimizer.searches() ? 0 : usual);
  return {data.size(), size, o.accumulate, o.shuffle, o.drop_last};
}

void check_options(const Loss& loss, const Optimizer& optimizer, const Dataset& data,
                   const TrainOptions& o, const EpochLayout& layout) {
  const auto check = [](bool holds, const char* what) {
    if (!holds) throw DomainError(fmt::format("train: {}", what));
  };
  check(o.epochs >= 1, "epochs must be at least 1");
  check(layout.batch_size >= 0, "batch_size is negative");
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
  if (data.empty()) throw ShapeError("train: the dataset has no rows");
  check_weights(data, "training");
  check_weights(o.validation, "validation");
  if (layout.batches() == 0)
    throw ShapeError(
        fmt::format("train: {} rows do not fill a batch of {}", layout.rows, layout.batch_size));
  if (!optimizer.searches()) return;
  if (layout.batches() > layout.accumulate || layout.batches() * layout.size() < layout.rows)
    throw DomainError(fmt::format(
        "train: {} compares losses at several points, so a step needs all {} rows. Leave "
        "batch_size and drop_last out; if the memory does not suffice, add the gradients of "
        "batches: .batch_size = {}, .accumulate = {}.",
        optimizer.name(), layout.rows, layout.size(),
        (layout.rows + layout.size() - 1) / layout.size()));
  if (std::isfinite(o.clip_norm))
    throw DomainError(
        fmt::format("train: clip_norm would give {} gradients that do not fit its losses; its line "
                    "search bounds the steps already",
                    optimizer.name()));
}

void check_parameters(const Module& model, const Optimizer& optimizer) {
  std::unordered_set<VariableKey> owned;
  bool any = false;
  for (const NamedParameter& entry : optimizer.parameters()) {
    owned.insert(entry.parameter.key());
    any = any || entry.parameter.is_trainable();
  }
  if (!any)
    throw DomainError(
        "train: all parameters of the optimiser are frozen, so there is nothing to train. "
        "unfreeze() the model or a part of it, or call set_trainable(true) of a parameter.");
  for (const NamedParameter& entry : model.parameters())
    if (entry.parameter.is_trainable() && !owned.contains(entry.parameter.key()))
      throw DomainError(fmt::format(
          "train: the model's parameter {} is trainable, but the optimiser does not have it, so it "
          "would never change. Make the optimiser with model.parameters() after the last change "
          "of the model, or exclude the parameter from the training: freeze() its module, or "
          "set_trainable(false).",
          entry.name));
}

void check_last_batch(Module& model, const Loss& loss, const Dataset& data,
                      const EpochLayout& layout) {
  const std::int64_t size = layout.size(), last = layout.rows % size;
  const bool has_single = size == 1 || (last == 1 && !layout.drop_last);
  if (!has_single || loss.calls_the_model() || !has_batch_norm(model)) return;
  ForwardState state(model);
  state.save();
  struct Restore {
    ForwardState& state;
    ~Restore() { state.restore(); }
  };
  const Restore restore{state};
  const TrainingMode mode(model);
  const std::optional<std::string> reason = refusal(model, data.rows(0, 1));
  // If it refuses two rows, too, their number is not the reason, and the first step reports it.
  if (!reason || (layout.rows > 1 && refusal(model, data.rows(0, 2)))) return;
  throw ShapeError(fmt::format(
      "train: with {} {} in batches of {}, {} batch has one row: {}. Set drop_last, or another "
      "batch_size.",
      layout.rows, layout.rows == 1 ? "row" : "rows", size, size == 1 ? "each" : "the last",
      *reason));
}

}  // namespace chainrule::nn::detail

#include "nn/training/early_stopping.hpp"

#include <fmt/format.h>

#include "autodiff/core/error.hpp"

namespace chainrule::nn {

EarlyStopping::EarlyStopping(const EarlyStoppingOptions& options)
    : options_(options),
      mode_(detail::required(options.mode, "EarlyStopping")),
      best_(detail::worst(mode_)) {
  if (!(options.min_delta >= 0.0) || options.patience < 0 || options.start_epoch < 0)
    throw DomainError(fmt::format(
        "EarlyStopping: min_delta {}, patience {}, start_epoch {}: none may be negative or NaN",
        options.min_delta, options.patience, options.start_epoch));
  if (options.baseline && std::isnan(*options.baseline))
    throw DomainError("EarlyStopping: the baseline is NaN");
}

bool EarlyStopping::observe(double value) {
  const std::int64_t epoch = epoch_++;
  if (epoch < options_.start_epoch) return false;
  ++waited_;
  if (detail::improves(mode_, value, best_, options_.min_delta)) {
    best_ = value;
    best_epoch_plus_one_ = epoch + 1;
    if (!options_.baseline ||
        detail::improves(mode_, value, *options_.baseline, options_.min_delta)) {
      waited_ = 0;
      stop_ = false;
    }
    return true;
  }
  stop_ = stop_ || (waited_ >= options_.patience && epoch > options_.start_epoch);
  return false;
}

std::optional<std::int64_t> EarlyStopping::best_epoch() const {
  if (best_epoch_plus_one_ == 0) return std::nullopt;
  return best_epoch_plus_one_ - 1;
}

std::vector<double> EarlyStopping::state() const {
  return {best_, static_cast<double>(best_epoch_plus_one_), static_cast<double>(epoch_),
          static_cast<double>(waited_), stop_ ? 1.0 : 0.0};
}

void EarlyStopping::restore(std::span<const double> state) {
  detail::check_state(state, 5, "EarlyStopping");
  if (std::isnan(state[0]) || state[1] > state[2] || state[3] > state[2] || state[4] > 1.0)
    throw FormatError("EarlyStopping::restore: the state is inconsistent");
  best_ = state[0];
  best_epoch_plus_one_ = static_cast<std::int64_t>(state[1]);
  epoch_ = static_cast<std::int64_t>(state[2]);
  waited_ = static_cast<std::int64_t>(state[3]);
  stop_ = state[4] == 1.0 && waited_ >= options_.patience;
}

}  // namespace chainrule::nn

#include "nn/training/training_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

namespace chainrule::nn::detail {
namespace {

double number_in(const State& state, std::string_view name) {
  const auto found = state.numbers.find(name);
  if (found == state.numbers.end())
    throw FormatError(fmt::format("the state of the training has no number '{}'", name));
  return found->second;
}

std::int64_t count_in(const State& state, std::string_view name) {
  const double number = number_in(state, name);
  if (!is_count(number))
    throw FormatError(
        fmt::format("the state of the training: '{}' is {}, not a count", name, number));
  return static_cast<std::int64_t>(number);
}

const std::string& text_in(const State& state, std::string_view name) {
  const auto found = state.texts.find(name);
  if (found == state.texts.end())
    throw FormatError(fmt::format("the state of the training has no text '{}'", name));
  return found->second;
}

/// The float64 array with this name and rank. Throws FormatError if there is none.
Array array_in(const State& state, std::string_view name, std::size_t rank) {
  const auto found = state.arrays.find(name);
  if (found == state.arrays.end() || found->second.dtype() != DType::float64 ||
      found->second.rank() != rank || !found->second.is_contiguous())
    throw FormatError(
        fmt::format("the state of the training has no float64 '{}' of rank {}", name, rank));
  return found->second;
}

std::vector<double> vector_in(const State& state, std::string_view name) {
  return vector_of(array_in(state, name, 1));
}

State& add(State& state, const History& history) {
  const auto columns = static_cast<std::int64_t>(history.names().size());
  const auto rows = static_cast<std::int64_t>(history.size());
  std::vector<double> values;
  for (std::size_t row = 0; row < history.size(); ++row)
    for (const std::string& name : history.names()) values.push_back(history[name][row]);
  state.arrays.emplace("history", array_of(values, {rows, columns}));
  for (std::size_t i = 0; i < history.names().size(); ++i)
    state.texts.emplace(fmt::format("history.{}", i), history.names()[i]);
  return state;
}

History history_in(const State& state) {
  const Array table = array_in(state, "history", 2);
  if (table.shape(0) != count_in(state, "epoch") || (table.shape(1) == 0 && table.shape(0) > 0))
    throw FormatError(
        fmt::format("the state of the training: a history of shape {} after {} epochs",
                    text_of(Shape(table.shape())), count_in(state, "epoch")));
  const double* number = table.data_as<double>();
  std::vector<std::string_view> names;
  for (std::int64_t i = 0; i < table.shape(1); ++i)
    names.push_back(text_in(state, fmt::format("history.{}", i)));
  History history;
  for (std::int64_t row = 0; row < table.shape(0); ++row) {
    Readings readings;
    for (const std::string_view name : names) readings.push_back({name, *number++});
    try {
      history.append(readings);
    } catch (const DomainError& error) {
      throw FormatError(fmt::format("the state of the training: {}", error.what()));
    }
  }
  return history;
}

double amount_in(const State& state, std::string_view name) {
  const double number = number_in(state, name);
  if (!(number >= 0.0) || !std::isfinite(number))
    throw FormatError(fmt::format(
        "the state of the training: '{}' is {}, which is not finite and >= 0", name, number));
  return number;
}

/// Throws FormatError unless the state can be one within an epoch of this layout.
void check_within(const TrainingState& state, const EpochLayout& layout) {
  const std::int64_t batches = layout.batches();
  if (state.batch >= batches || state.batch % layout.accumulate != 0)
    throw FormatError(fmt::format(
        "the state of the training: {} finished batches of an epoch of {}, with {} in each step",
        state.batch, batches, layout.accumulate));
  const double rows = static_cast<double>(state.batch) * static_cast<double>(layout.size());
  if (state.rows != rows)
    throw FormatError(fmt::format("the state of the training: {} rows in {} batches of {}",
                                  state.rows, state.batch, layout.size()));
}

}  // namespace

std::vector<std::pair<const char*, double>> EpochLayout::numbers() const {
  return {{"layout.rows", static_cast<double>(rows)},
          {"layout.batch_size", static_cast<double>(batch_size)},
          {"layout.accumulate", static_cast<double>(accumulate)},
          {"layout.shuffle", shuffle ? 1.0 : 0.0},
          {"layout.drop_last", drop_last ? 1.0 : 0.0}};
}

void TrainingState::begin_epoch() {
  batch = 0;
  rows = divisor = seconds = 0.0;
  std::fill(sums.begin(), sums.end(), 0.0);
}

State TrainingState::state(const EpochLayout& layout) const {
  State state;
  state.numbers = {{"epoch", static_cast<double>(epoch)},
                   {"step", static_cast<double>(step)},
                   {"batch", static_cast<double>(batch)},
                   {"rows", rows},
                   {"divisor", divisor},
                   {"seconds", seconds}};
  for (const auto& [name, value] : layout.numbers()) state.numbers.emplace(name, value);
  state.texts.emplace("order", order.state());
  state.arrays.emplace("sums", array_of(sums));
  if (stopping) state.arrays.emplace("early_stopping", array_of(stopping->state()));
  if (plateau) state.arrays.emplace("plateau", array_of(plateau->state()));
  return add(state, history);
}

void TrainingState::set_state(const State& given, const EpochLayout& layout) {
  TrainingState next = *this;
  next.epoch = count_in(given, "epoch");
  next.step = count_in(given, "step");
  next.batch = count_in(given, "batch");
  next.rows = amount_in(given, "rows");
  next.divisor = amount_in(given, "divisor");
  next.seconds = amount_in(given, "seconds");
  next.order.restore(text_in(given, "order"));
  next.history = history_in(given);
  next.sums = vector_in(given, "sums");
  if (next.batch > 0) {
    for (const auto& [name, value] : layout.numbers())
      if (number_in(given, name) != value)
        throw FormatError(
            fmt::format("the training ended within an epoch, and {} was {} in it, "
                        "but now is {}",
                        std::string_view(name).substr(7), number_in(given, name), value));
    if (next.sums.size() != sums.size())
      throw FormatError(fmt::format(
          "the training ended within an epoch, with {} measured columns, but now has {}",
          next.sums.size(), sums.size()));
    check_within(next, layout);
  } else {
    next.sums.assign(sums.size(), 0.0);
  }
  // Early stopping or plateau may be new in this run.
  if (next.stopping && given.arrays.contains("early_stopping"))
    next.stopping->restore(vector_in(given, "early_stopping"));
  else if (next.stopping)
    next.stopping->begin_after(next.epoch);
  if (next.plateau && given.arrays.contains("plateau"))
    next.plateau->restore(vector_in(given, "plateau"));
  *this = std::move(next);
}

}  // namespace chainrule::nn::detail

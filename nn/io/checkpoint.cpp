#include "nn/io/checkpoint.hpp"

#include <fmt/format.h>

#include "nn/io/number.hpp"
#include "nn/io/safetensors.hpp"

namespace chainrule::nn {
namespace {

// Keys of the metadata: the format, the names of the states, and the numbers and texts of the
// states.
constexpr std::string_view format_key = "chainrule", format = "checkpoint 1";
constexpr std::string_view states_key = "states";
constexpr std::string_view number_prefix = "number:", text_prefix = "text:";

/// The state to which "model.layers.0.weight" belongs, and its name there. Throws FormatError if
/// there is no such state.
std::pair<State*, std::string> locate(Checkpoint& checkpoint, std::string_view name,
                                      const std::string& file) {
  const std::size_t dot = name.find('.');
  const auto found = checkpoint.find(name.substr(0, dot));
  if (dot == name.npos || found == checkpoint.end())
    throw FormatError(
        fmt::format("{}: '{}' belongs to none of the checkpoint's states", file, name));
  return {&found->second, std::string(name.substr(dot + 1))};
}

/// The contents of the file for a checkpoint.
Safetensors contents_of(const Checkpoint& checkpoint, const char* operation) {
  Safetensors contents;
  std::string names;
  for (const auto& [name, state] : checkpoint) {
    if (name.empty() || name.find_first_of(".,") != name.npos)
      throw DomainError(
          fmt::format("{}: '{}' cannot be the name of a state: it is empty or has a dot or comma",
                      operation, name));
    names += (names.empty() ? "" : ",") + name;
    for (const auto& [key, array] : state.arrays) contents.arrays.emplace(name + "." + key, array);
    for (const auto& [key, number] : state.numbers)
      contents.metadata.emplace(fmt::format("{}{}.{}", number_prefix, name, key),
                                fmt::format("{}", number));
    for (const auto& [key, text] : state.texts)
      contents.metadata.emplace(fmt::format("{}{}.{}", text_prefix, name, key), text);
  }
  contents.metadata.emplace(format_key, format);
  contents.metadata.emplace(states_key, names);
  return contents;
}

}  // namespace

bool detail::is_checkpoint(const Safetensors& contents) {
  return contents.metadata.contains(format_key);
}

Checkpoint detail::checkpoint_in(Safetensors contents, const std::string& file) {
  const auto kind = contents.metadata.find(format_key);
  if (kind == contents.metadata.end() || kind->second != format)
    throw FormatError(
        fmt::format("{}: this is not a checkpoint: its metadata lacks '{}': '{}', which "
                    "save_checkpoint() writes. load_model() reads files with a model only",
                    file, format_key, format));
  Checkpoint checkpoint;
  std::string_view names = contents.metadata[std::string(states_key)];
  while (!names.empty()) {
    const std::size_t length = std::min(names.find(','), names.size());
    checkpoint.emplace(names.substr(0, length), State());
    names.remove_prefix(std::min(length + 1, names.size()));
  }
  if (!contents.indices.empty())
    throw FormatError(fmt::format("{}: a checkpoint has no integer tensors, but this file has '{}'",
                                  file, contents.indices.begin()->first));
  if (!contents.unreadable.empty()) {
    const auto& [name, tensor] = *contents.unreadable.begin();
    throw FormatError(
        fmt::format("{}: '{}' of type {}: {}", file, name, tensor.dtype, tensor.problem));
  }
  for (auto& [name, array] : contents.arrays) {
    auto [state, key] = locate(checkpoint, name, file);
    state->arrays.emplace(std::move(key), std::move(array));
  }
  for (auto& [name, text] : contents.metadata) {
    const std::string_view whole = name;
    if (whole.starts_with(text_prefix)) {
      auto [state, key] = locate(checkpoint, whole.substr(text_prefix.size()), file);
      state->texts.emplace(std::move(key), std::move(text));
    } else if (whole.starts_with(number_prefix)) {
      auto [state, key] = locate(checkpoint, whole.substr(number_prefix.size()), file);
      const std::optional<double> number = parse_number(text);
      if (!number) throw FormatError(fmt::format("{}: {} is not a number", file, name));
      state->numbers.emplace(std::move(key), *number);
    }
  }
  return checkpoint;
}

void save_checkpoint(const std::string& path, const Checkpoint& checkpoint) {
  write_safetensors(path, contents_of(checkpoint, "save_checkpoint"));
}

void check_can_save(const std::string& path, const Checkpoint& checkpoint) {
  check_can_write_safetensors(path, contents_of(checkpoint, "check_can_save"));
}

Checkpoint load_checkpoint(const std::string& path) {
  return detail::checkpoint_in(read_safetensors(path), path);
}

const State& state_in(const Checkpoint& checkpoint, std::string_view name) {
  const auto found = checkpoint.find(name);
  if (found != checkpoint.end()) return found->second;
  std::string names;
  for (const auto& [other, state] : checkpoint) names += (names.empty() ? "" : ", ") + other;
  throw FormatError(fmt::format("the checkpoint has no state '{}'; it has: {}", name, names));
}

void restore(const Checkpoint& checkpoint, Module& model, Optimizer& optimizer) try {
  const State &for_model = state_in(checkpoint, "model"),
              &for_optimizer = state_in(checkpoint, "optimizer");
  const State before = model.state();
  model.set_state(for_model);
  try {
    optimizer.set_state(for_optimizer);
  } catch (...) {
    model.set_state(before);
    throw;
  }
} catch (const FormatError& error) {
  throw FormatError(fmt::format(
      "{}\nBuild model and optimiser as they were when the checkpoint was saved. To load "
      "only the parameters that fit, call load_model() with .strict = false",
      error.what()));
}

void restore(const std::string& path, Module& model, Optimizer& optimizer) {
  const Checkpoint checkpoint = load_checkpoint(path);
  try {
    restore(checkpoint, model, optimizer);
  } catch (const FormatError& error) {
    throw FormatError(fmt::format("{}: {}", path, error.what()));
  }
}

}  // namespace chainrule::nn

// Checkpoints: everything that is needed to continue a training, in one file.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "nn/model/module.hpp"
#include "nn/optimizers/optimizer.hpp"

namespace chainrule::nn {

struct Safetensors;

/// States by name, as their owners' state() returned them:
///
///   nn::save_checkpoint("run.safetensors", {{"model", model.state()},
///                                           {"optimizer", optimizer.state()}});
///   nn::restore("run.safetensors", model, optimizer);
///
/// train() adds a third state, "training".
using Checkpoint = std::map<std::string, State, std::less<>>;

/// Writes a safetensors file: arrays as tensors with names such as "model.layers.0.weight", numbers
/// (exactly) and texts as metadata. The file is replaced as a whole or not at all. Throws
/// FormatError if it cannot be written, DomainError if the name of a state is empty or contains a
/// dot or comma.
void save_checkpoint(const std::string& path, const Checkpoint& checkpoint);
/// Throws the error with which save_checkpoint() would fail now, before the work that it is to
/// save: FormatError for a folder that is missing or write-protected, a folder of that name, and
/// texts that are not UTF-8; DomainError for the names of states. Leaves the file as it is. A disk
/// that is full is found only by saving. Cost: that of a save without its arrays.
void check_can_save(const std::string& path, const Checkpoint& checkpoint = {});
/// Reads a file that save_checkpoint() wrote. Throws FormatError as read_safetensors() does, and if
/// the file is not a checkpoint.
Checkpoint load_checkpoint(const std::string& path);

/// The state with that name. Throws FormatError, which lists the names, if there is none.
const State& state_in(const Checkpoint& checkpoint, std::string_view name);
/// Restores the model and the optimiser from the states "model" and "optimizer". Throws
/// FormatError, and changes neither, if a state is missing or does not fit; the message lists
/// everything that is missing, unexpected or different.
void restore(const Checkpoint& checkpoint, Module& model, Optimizer& optimizer);
/// The same from a file, which all messages name. Also throws as load_checkpoint() does.
void restore(const std::string& path, Module& model, Optimizer& optimizer);

namespace detail {
/// Whether save_checkpoint() wrote a file with these contents.
bool is_checkpoint(const Safetensors& contents);
/// The checkpoint in the contents of a file, which messages call `file`.
Checkpoint checkpoint_in(Safetensors contents, const std::string& file);
}  // namespace detail

}  // namespace chainrule::nn

// Checkpoints: everything that has to be known to continue, in one file.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "nn/model/module.hpp"
#include "nn/optimizers/optimizer.hpp"

namespace chainrule::nn {

/// States by name, each of what its owner's state() gave:
///
///   nn::save_checkpoint("run.safetensors", {{"model", model.state()},
///                                           {"optimizer", optimizer.state()}});
///   const nn::Checkpoint checkpoint = nn::load_checkpoint("run.safetensors");
///   nn::restore(checkpoint, model, optimizer);
///
/// train() keeps "training" beside these two.
using Checkpoint = std::map<std::string, State, std::less<>>;

/// Writes a safetensors file: arrays as tensors, named "model.layers.0.weight"; numbers, with all
/// their digits, and texts in the metadata. The file is whole or as it was. Throws FormatError if
/// it cannot be written, DomainError for a name of a state that is empty or has a dot.
void save_checkpoint(const std::string& path, const Checkpoint& checkpoint);
/// Reads what save_checkpoint() wrote. Throws FormatError as read_safetensors() does, and on a file
/// that is no checkpoint.
Checkpoint load_checkpoint(const std::string& path);

/// The state of that name. Throws FormatError, listing the names, if there is none.
const State& state_in(const Checkpoint& checkpoint, std::string_view name);
/// Gives "model" and "optimizer" to their owners: to both, or on FormatError to none. The message
/// names everything that is missing, unexpected or of another shape or element type.
void restore(const Checkpoint& checkpoint, Module& model, Optimizer& optimizer);

/// The parameters and buffers alone, named as parameters() names them, for use without training and
/// for other programs: PyTorch's safetensors.torch.load_file() reads it.
void save_model(const std::string& path, const Module& model);
/// Reads such a file, also one written elsewhere, or a checkpoint's "model". Numbers are converted
/// to the element types of the model. Throws FormatError, and changes nothing, unless names and
/// shapes are those of the model; names everything that is missing, unexpected or of another shape.
void load_model(const std::string& path, Module& model);

}  // namespace chainrule::nn

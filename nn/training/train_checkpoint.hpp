// Saving and resuming a training.
#pragma once

#include <string>
#include <vector>

#include "nn/training/measured_columns.hpp"
#include "nn/training/train.hpp"
#include "nn/training/training_state.hpp"

namespace chainrule::nn::detail {

/// What a checkpoint of a training is made of, and what its options are compared with. A view.
struct TrainingParts {
  Module& model;
  Optimizer& optimizer;
  const Dataset& data;
  const TrainOptions& options;
  const EpochLayout& layout;
  const MeasuredColumns& columns;
  TrainingState& state;
};

/// The contents of a checkpoint.
Checkpoint checkpoint_of(const TrainingParts& parts);
/// Continues from the checkpoint in the options. Returns notes for the user: options that differ
/// from those of the checkpoint, and which apply. Throws FormatError, and changes nothing, if the
/// checkpoint does not fit.
std::vector<std::string> resume_training(const TrainingParts& parts);

}  // namespace chainrule::nn::detail

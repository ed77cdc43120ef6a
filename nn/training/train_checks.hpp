// What train() checks before the first step.
#pragma once

#include "nn/training/train.hpp"
#include "nn/training/training_state.hpp"

namespace chainrule::nn::detail {

/// The batches of an epoch, with the default size: all rows for an optimiser that searches,
/// else 32.
EpochLayout layout_of(const Optimizer& optimizer, const Dataset& data, const TrainOptions& options);

/// Throws DomainError for options out of their ranges or that do not fit loss, optimiser or
/// datasets; ShapeError if there is no batch.
void check_options(const Loss& loss, const Optimizer& optimizer, const Dataset& data,
                   const TrainOptions& options, const EpochLayout& layout);
/// Throws DomainError if the model has a trainable parameter that the optimiser does not have.
void check_parameters(const Module& model, const Optimizer& optimizer);
/// Throws ShapeError if the model has a batch normalisation that cannot take the last batch, of one
/// row. Tries it with that row; the model is unchanged afterwards.
void check_last_batch(Module& model, const Loss& loss, const Dataset& data,
                      const EpochLayout& layout);

}  // namespace chainrule::nn::detail

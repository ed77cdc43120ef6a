// Checks that losses and metrics share.
#pragma once

#include "autodiff/graphs.hpp"

namespace chainrule::nn::detail {

/// Throws ShapeError, which names the loss or metric, unless both tensors were assigned and have
/// the same shape.
void check_same_shape(const Tensor& prediction, const Tensor& target, const char* name);

// The checks below take one pass over the elements. They throw DomainError, which names the loss or
// metric, the element and the remedy. NaN passes: training reports it with the step and the
// parameter.

/// Throws if an element is outside [low, high].
void check_range(const Tensor& x, double low, double high, const char* name, const char* what,
                 const char* remedy);
/// Throws unless each element is one of two numbers.
void check_either(const Tensor& x, double a, double b, const char* name, const char* remedy);

/// Probabilities, which are in [0, 1]; `instead` is the function that takes logits.
void check_probabilities(const Tensor& x, const char* name, const char* instead);
/// Log probabilities, which are at most 0 apart from rounding.
void check_log_probabilities(const Tensor& x, const char* name, const char* remedy);

}  // namespace chainrule::nn::detail

// Means of losses with a weight for each row.
#pragma once

#include "nn/losses/losses.hpp"

namespace chainrule::nn {

/// The weighted mean over rows: sum(weights[i] * row[i]) / sum(weights), where row[i] is the mean
/// of losses[i, ...]. For losses that were computed with Reduction::none:
///
///   Tensor loss = nn::weighted_mean(nn::mse(output, y, nn::Reduction::none), weights);
///
/// A row of weight 0 has no influence, even if its loss is not finite. Throws ShapeError unless
/// losses are [n, ...] and weights [n], DomainError unless the weights are finite, not negative and
/// not all 0. With class weights, sum and divisor are weighted by both; see Loss.
Tensor weighted_mean(const Tensor& losses, const Tensor& weights);

namespace detail {
/// The mean or sum of losses[i, ...] for each row i: [n].
Tensor reduced_rows(const Tensor& losses, Reduction reduction);
/// sum(weights[i] * rows[i]), without the rows of weight 0, in the element type of the rows.
Tensor weighted_sum(const Tensor& rows, const Tensor& weights);
/// The sum of all elements, rounded to the element type of the losses before.
double sum_of_weights(const Tensor& weights, DType dtype);
}  // namespace detail

}  // namespace chainrule::nn

// Losses: the objectives that training minimises.
#pragma once

#include <vector>

#include "autodiff/graphs.hpp"

namespace chainrule::nn {

/// How per-element losses (per-row losses in classification) are reduced: none, mean or sum.
using chainrule::Reduction;

// Prediction and target must have the same shape (ShapeError): broadcasting would silently turn a
// column and a row into a matrix of differences. Targets may be variables, too. Shapes of results:
// that of the prediction for Reduction::none, else a scalar. Arguments that are easily confused,
// such as probabilities and logits, are checked in one pass: numbers that cannot be meant are a
// DomainError that names the other function. NaN is not checked.

/// sum((prediction - target)^2) / 2.
Tensor half_squared_error(const Tensor& prediction, const Tensor& target);
/// (prediction - target)^2; the mean is over all elements.
Tensor mse(const Tensor& prediction, const Tensor& target, Reduction reduction = Reduction::mean);
/// |prediction - target|. The derivative is 0 where they are equal.
Tensor l1(const Tensor& prediction, const Tensor& target, Reduction reduction = Reduction::mean);
/// With d = prediction - target: d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2). Huber
/// 1964. Throws DomainError unless delta > 0.
Tensor huber(const Tensor& prediction, const Tensor& target, double delta = 1.0,
             Reduction reduction = Reduction::mean);
/// huber(beta) / beta: d^2 / (2 beta) where |d| <= beta, else |d| - beta / 2. Throws DomainError
/// unless beta > 0.
Tensor smooth_l1(const Tensor& prediction, const Tensor& target, double beta = 1.0,
                 Reduction reduction = Reduction::mean);

struct CrossEntropyOptions {
  double label_smoothing = 0.0;  ///< in [0, 1]: the share of a label spread over all classes
  std::vector<double> class_weights = {};  ///< one per class, finite, >= 0; if empty, all are 1
  Reduction reduction = Reduction::mean;
};

/// Cross entropy of logits [..., classes] with one label per row, in one node. With p =
/// softmax(row) and class weights w, the loss of a row is -w[label] log p[label]. With label
/// smoothing e it is
///   -(1 - e) w[label] log p[label] - e / classes * sum over c of w[c] log p[c].
/// The mean divides by the sum of w[label]. Throws ShapeError for shapes that do not match, for
/// labels out of range and for one class only (see bce_with_logits), DomainError for options out of
/// range.
Tensor cross_entropy(const Tensor& logits, const Indices& labels,
                     const CrossEntropyOptions& options = {});
/// The same for log probabilities [n, classes], as log_softmax() returns them. Throws DomainError
/// for values above 0 (by more than 1e-6, for rounding): for logits there is cross_entropy().
Tensor nll(const Tensor& log_probabilities, const Indices& labels,
           const CrossEntropyOptions& options = {});

/// Binary cross entropy of probabilities p with targets t: -(t log p + (1 - t) log(1 - p)), where
/// logarithms below -100 count as -100. Throws DomainError for a probability or target outside
/// [0, 1]: for logits there is bce_with_logits().
Tensor bce(const Tensor& probability, const Tensor& target, Reduction reduction = Reduction::mean);
/// Binary cross entropy of logits x, accurate at any magnitude: max(x, 0) - x t + log(1 +
/// exp(-|x|)). pos_weight multiplies the term of t, the positive class: (1 - t) x + (1 +
/// (pos_weight - 1) t) log(1 + exp(-x)). Throws DomainError for a target outside [0, 1] and unless
/// pos_weight is positive.
Tensor bce_with_logits(const Tensor& logits, const Tensor& target,
                       Reduction reduction = Reduction::mean, double pos_weight = 1.0);

/// Kullback-Leibler divergence of the target probabilities t from the log probabilities q:
/// t (log t - q), and 0 where t is 0. Reduction::mean divides by the number of elements, not of
/// rows. Throws DomainError for a log probability above 0 (by more than 1e-6) or a target outside
/// [0, 1].
Tensor kl_div(const Tensor& log_probabilities, const Tensor& target,
              Reduction reduction = Reduction::mean);
/// max(0, margin - target * score). Throws DomainError unless all targets are 1 or -1 and the
/// margin is finite and >= 0.
Tensor hinge(const Tensor& score, const Tensor& target, double margin = 1.0,
             Reduction reduction = Reduction::mean);

}  // namespace chainrule::nn

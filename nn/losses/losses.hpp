// Losses: what training makes small.
#pragma once

#include <vector>

#include "autodiff/autodiff.hpp"

namespace chainrule::nn {

/// What becomes of the losses of the single elements (or rows, where a row is classified): none,
/// mean or sum.
using chainrule::Reduction;

// Predictions and targets must have the same shape (ShapeError): broadcasting a column against a
// row would make a matrix of differences, silently. Targets may be variables as well.

/// Half the sum of squares of (prediction - target).
Tensor half_squared_error(const Tensor& prediction, const Tensor& target);
/// (prediction - target)^2; the mean is over all elements.
Tensor mse(const Tensor& prediction, const Tensor& target, Reduction reduction = Reduction::mean);
/// |prediction - target|, with the derivative 0 where they are equal.
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
  double label_smoothing = 0.0;  ///< in [0, 1]: this part of a label is spread over all classes
  std::vector<double> class_weights = {};  ///< one for each class, not negative; all 1 if empty
  Reduction reduction = Reduction::mean;
};

/// Of logits [..., classes] and one label for each row, in one node: w[label] (log sum exp(row) -
/// row[label]). With smoothing e: (1 - e) times that, plus e / classes times the sum over all
/// classes c of w[c]
/// (-log softmax(row)[c]). The mean divides by the sum of w[label]. Throws ShapeError for sizes
/// that do not fit and labels out of range, DomainError for options out of theirs.
Tensor cross_entropy(const Tensor& logits, const Indices& labels,
                     const CrossEntropyOptions& options = {});
/// The same of log probabilities, [n, classes]: -w[label] log_probabilities[label].
Tensor nll(const Tensor& log_probabilities, const Indices& labels,
           const CrossEntropyOptions& options = {});

/// Of probabilities: -(t log p + (1 - t) log(1 - p)), each logarithm bounded below by -100.
Tensor bce(const Tensor& probability, const Tensor& target, Reduction reduction = Reduction::mean);
/// The same of logits x, at any magnitude: max(x, 0) - x t + log(1 + exp(-|x|)). With pos_weight p
/// the part of t counts p times: (1 - t) x + (1 + (p - 1) t) log(1 + exp(-x)).
Tensor bce_with_logits(const Tensor& logits, const Tensor& target,
                       Reduction reduction = Reduction::mean, double pos_weight = 1.0);

/// Kullback-Leibler divergence of log probabilities q from probabilities t:
/// t (log t - q), 0 where t is 0. The mean is over all elements; over rows, divide the sum by n.
Tensor kl_div(const Tensor& log_probabilities, const Tensor& target,
              Reduction reduction = Reduction::mean);
/// max(0, margin - target score), with targets 1 and -1.
Tensor hinge(const Tensor& score, const Tensor& target, double margin = 1.0,
             Reduction reduction = Reduction::mean);

}  // namespace chainrule::nn

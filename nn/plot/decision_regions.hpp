// Pictures of the decision regions of a classifier in the plane.
#pragma once

#include <string>

#include "nn/data/dataset.hpp"
#include "nn/model/module.hpp"

namespace chainrule::nn {

struct RegionsOptions {
  std::string title = "Decision regions";
  std::string x_title = "x", y_title = "y";
  /// Whether the outputs of the model are probabilities instead of logits.
  bool probabilities = false;
};

/// An SVG picture of the predictions of a model with two features. Each point of the plane has the
/// colour of its predicted class, paler where the model is less confident. The samples are drawn
/// with a colour and a shape per class, and a ring around misclassified ones. The colours are those
/// of Okabe and Ito (2008), which colour-blind people can distinguish. The outputs of the model are
/// [n, classes], as for nn::cross_entropy, or [n, 1] for class 1 against class 0, as for
/// nn::bce_with_logits. The data has labels, or targets 0 and 1; its class names are used. Samples
/// that are not finite or larger than 1e300 are omitted.
///
/// Runs the model in evaluation mode at 32,400 points. Throws ShapeError unless the features are
/// [n, 2] with n > 0 and the outputs match the classes.
std::string decision_regions(const Module& model, const Dataset& data,
                             const RegionsOptions& options = {});
/// Writes the picture to a file, which is replaced as a whole or not at all. Also throws
/// FormatError if it cannot be written.
void plot_decision_regions(const Module& model, const Dataset& data, const std::string& path,
                           const RegionsOptions& options = {});

}  // namespace chainrule::nn

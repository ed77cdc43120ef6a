// Pictures of what a classifier says of every point of the plane.
#pragma once

#include <string>

#include "nn/data/dataset.hpp"
#include "nn/model/module.hpp"

namespace chainrule::nn {

struct RegionsOptions {
  std::string title = "Decision regions";
  std::string x_title = "x", y_title = "y";
  /// Whether the model's outputs are probabilities, and not logits.
  bool probabilities = false;
};

/// An SVG picture of a model of two features: each point of the plane in the colour of the class
/// that it is taken for, paler where the model is less sure, and on it the samples, each class with
/// a colour and a shape of its own, with a ring around those that are taken for another class. The
/// colours are Okabe and Ito's (2008), which the colour-blind can tell apart. The model's outputs
/// are [n, classes], as nn::cross_entropy takes them, or [n, 1] for class 1 against class 0, as
/// nn::bce_with_logits does; the data has labels, or targets of 0 and 1. Names of classes are the
/// data's. Points that are not finite, or beyond 1e300, are left out.
///
/// Runs the model outside of training at 32,400 points. Throws ShapeError unless the features are
/// [n, 2] with n > 0 and outputs and classes fit.
std::string decision_regions(const Module& model, const Dataset& data,
                             const RegionsOptions& options = {});
/// Writes that to a file, which is either whole or as it was before. Throws FormatError, too.
void plot_decision_regions(const Module& model, const Dataset& data, const std::string& path,
                           const RegionsOptions& options = {});

}  // namespace chainrule::nn

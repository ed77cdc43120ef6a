// Graphs of numbers and tensors, operations on whole tensors, and gradients: the part of
// autodiff.hpp without the elementwise functions, whose families are in rules/. Sources that
// include this header and only the families that they use are not compiled again if another one
// changes.
#pragma once

#include "autodiff/core/error.hpp"
#include "autodiff/core/random.hpp"
#include "autodiff/graph/graph.hpp"
#include "autodiff/graph/make_tensor.hpp"
#include "autodiff/graph/scope.hpp"
#include "autodiff/graph/tensor.hpp"
#include "autodiff/structural/operations.hpp"
#include "autodiff/transform/gradient.hpp"

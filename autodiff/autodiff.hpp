// Chainrule: automatic differentiation. This umbrella header includes the public interface of the
// engine, except headers that only some programs need: format.hpp (printing with fmt), ostream.hpp,
// arrays.hpp, parallel.hpp and graph/tensor_operation.hpp (structural rules of your own).
#pragma once

#include "autodiff/core/error.hpp"
#include "autodiff/core/random.hpp"
#include "autodiff/graph/graph.hpp"
#include "autodiff/graph/make_tensor.hpp"
#include "autodiff/graph/outside_operation.hpp"
#include "autodiff/graph/scope.hpp"
#include "autodiff/graph/tensor.hpp"
#include "autodiff/io/tensor_files.hpp"
#include "autodiff/structural/operations.hpp"
#include "autodiff/transform/check.hpp"
#include "autodiff/transform/gradient.hpp"
#include "autodiff/view/array_text.hpp"
#include "autodiff/view/dot.hpp"
#include "autodiff/view/render.hpp"

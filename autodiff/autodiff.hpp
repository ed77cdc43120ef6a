// Chainrule: automatic differentiation. This umbrella header includes the public interface of the
// engine, except headers that only some programs need: format.hpp (printing with fmt), ostream.hpp,
// arrays.hpp, parallel.hpp and graph/tensor_operation.hpp (structural rules of your own).
#pragma once

#include "autodiff/graph/outside_operation.hpp"
#include "autodiff/graphs.hpp"
#include "autodiff/io/tensor_files.hpp"
#include "autodiff/rules/operations.hpp"
#include "autodiff/transform/check.hpp"
#include "autodiff/view/array_text.hpp"
#include "autodiff/view/dot.hpp"
#include "autodiff/view/render.hpp"

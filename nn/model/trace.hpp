// Following a call through the modules of a model.
#pragma once

#include <cstdint>
#include <vector>

#include "nn/model/module.hpp"

namespace chainrule::nn::detail {

/// The calls of modules in this thread while one is current, each with its result.
struct Trace {
  struct Call {
    const Module* module;
    Shape output;
  };
  std::vector<Call> calls;
};
extern constinit thread_local Trace* current_trace;

/// Calls the module and notes what came out.
Tensor traced(const Module& module, const Tensor& x);

}  // namespace chainrule::nn::detail

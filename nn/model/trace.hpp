// A trace of the module calls within a call of a model.
#pragma once

#include <cstdint>
#include <vector>

#include "nn/model/module.hpp"

namespace chainrule::nn::detail {

/// The calls of modules in this thread while the trace is current_trace, in the order in which they
/// ended.
struct Trace {
  struct Call {
    const Module* module;
    Shape output;
  };
  std::vector<Call> calls;
};
extern constinit thread_local Trace* current_trace;

/// Calls the module's forward() and adds the call to current_trace.
Tensor traced(const Module& module, const Tensor& x);

}  // namespace chainrule::nn::detail

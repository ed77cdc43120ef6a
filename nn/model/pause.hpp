// Evaluation mode within a scope.
#pragma once

#include <vector>

#include "nn/model/module.hpp"

namespace chainrule::nn::detail {

/// Puts a model into evaluation mode. The destructor restores training mode in those parts that
/// were in it; they must live until then. In a const model, only the mode flags change, which are
/// mutable; none change if the model is already in evaluation mode.
class Pause : Members {
 public:
  explicit Pause(const Module& module) { const_cast<Module&>(module).members(*this); }
  ~Pause() override {
    for (bool* const mode : paused_) *mode = true;
  }
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;

 private:
  void on_mode(bool& mode) override {
    if (!mode) return;
    paused_.push_back(&mode);
    mode = false;
  }
  std::vector<bool*> paused_;
};

}  // namespace chainrule::nn::detail

// Use mode for a while.
#pragma once

#include <vector>

#include "nn/model/module.hpp"

namespace chainrule::nn::detail {

/// Puts a model into use mode and, when destroyed, each of its parts back into training mode that
/// was in it. The parts must live until then. A const model is changed in its mode flags alone,
/// which are mutable, and not at all if it is in use mode already.
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

// A model out of training for a while.
#pragma once

#include <cstddef>
#include <vector>

#include "nn/module.hpp"

namespace chainrule::nn::detail {

/// While it lives, the model is in use mode; then each part is in the mode that it was in.
class Pause : Members {
 public:
  explicit Pause(Module& module) : module_(module) {
    module.members(*this);
    restoring_ = true;
  }
  ~Pause() override { module_.members(*this); }
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;

 private:
  void on_mode(bool& mode) override {
    if (restoring_) {
      mode = modes_[next_++];
    } else {
      modes_.push_back(mode);
      mode = false;
    }
  }
  Module& module_;
  std::vector<bool> modes_;
  std::size_t next_ = 0;
  bool restoring_ = false;
};

}  // namespace chainrule::nn::detail

// The clock of training and of its reports.
#pragma once

#include <chrono>

#include "autodiff/core/language.hpp"

namespace chainrule::nn::detail {

/// The time in seconds since some fixed moment; never runs backwards.
inline double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace chainrule::nn::detail

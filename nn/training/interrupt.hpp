// Ctrl-C as a request that a training loop polls.
#pragma once

#include "autodiff/core/language.hpp"

namespace chainrule::nn {

/// While a guard lives, the first Ctrl-C (SIGINT) does not end the program but sets a flag. A loop
/// that polls requested() can then finish its step and save its work. The second Ctrl-C ends the
/// program as usual. The destructor restores the previous signal handler.
///
/// Guards may be nested: the outermost one installs the handler, and all of them see a Ctrl-C. If
/// SIGINT is ignored (background jobs, nohup), it stays ignored. Signals belong to the process, so
/// guards in several threads share the flag.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// Whether Ctrl-C was pressed since the outermost guard was made. Cost: one load.
  bool requested() const noexcept;
};

}  // namespace chainrule::nn

// Ctrl-C and SIGTERM as a request that a training loop polls.
#pragma once

#include "autodiff/core/language.hpp"

namespace chainrule::nn {

/// While a guard lives, the first Ctrl-C (SIGINT) or SIGTERM, which batch systems and `kill` send,
/// does not end the program but sets a flag. A loop that polls requested() can then finish its step
/// and save its work. A second signal, either of them, ends the program as usual. The destructor
/// restores the previous signal handlers.
///
/// Guards may be nested: the outermost one installs the handlers, and all of them see a signal. A
/// signal that is ignored (SIGINT of background jobs) stays ignored. Signals belong to the process,
/// so guards in several threads share the flag.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// Whether a signal came since the outermost guard was made. Cost: one load.
  bool requested() const noexcept;
};

}  // namespace chainrule::nn

// Ctrl-C as a wish that a training loop can grant in its own time.
#pragma once

namespace chainrule::nn {

/// While one lives, the first Ctrl-C (SIGINT) does not end the program: it is remembered, and the
/// loop that polls requested() can finish its step and save its work. The second Ctrl-C has the
/// system's usual effect. What was installed before comes back when the guard goes.
///
/// Guards nest: the outermost one decides, and a Ctrl-C is seen by all. Where SIGINT is ignored
/// (a job in the background, nohup) it stays so. The signal is one of the process: guards of
/// several threads share it.
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

// Output for interactive use: colours and a progress bar.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace worked_example {

/// Standard output, to a terminal or to a file.
class Terminal {
 public:
  /// Checks standard output and the environment variables TERM and NO_COLOR.
  Terminal();
  Terminal(bool animated, bool coloured) : animated_(animated), coloured_(coloured) {}

  bool animated() const { return animated_; }
  std::string heading(std::string_view text) const { return in("1", text); }  // bold
  std::string good(std::string_view text) const { return in("32", text); }    // green
  std::string bad(std::string_view text) const { return in("1;31", text); }   // bold red

 private:
  std::string in(std::string_view style, std::string_view text) const;

  bool animated_ = false, coloured_ = false;
};

/// A progress bar, redrawn in place on a terminal; draws nothing elsewhere. It is erased at the
/// end.
class ProgressBar {
 public:
  ProgressBar(const Terminal& terminal, std::string label, std::int64_t total);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// Redraws, at a limited rate: cheap to call at every step.
  void show(std::int64_t done);

 private:
  using Clock = std::chrono::steady_clock;
  std::string label_;
  std::int64_t total_;
  bool animated_, drawn_ = false;
  Clock::time_point next_;
};

}  // namespace worked_example

// What is different when a person watches: colours and a progress bar.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace worked_example {

/// Standard output as a person or a file sees it.
class Terminal {
 public:
  /// Looks at standard output and at the variables TERM and NO_COLOR of the environment.
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

/// A line that shows how far the work is, drawn again and again on a terminal; on anything else it
/// draws nothing. It is wiped out when it ends.
class ProgressBar {
 public:
  ProgressBar(const Terminal& terminal, std::string label, std::int64_t total);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// Draws, but not more often than is good for the eye: cheap to call at every step.
  void show(std::int64_t done);

 private:
  using Clock = std::chrono::steady_clock;
  std::string label_;
  std::int64_t total_;
  bool animated_, drawn_ = false;
  Clock::time_point next_;
};

}  // namespace worked_example

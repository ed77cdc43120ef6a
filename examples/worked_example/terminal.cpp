#include "worked_example/terminal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace worked_example {

Terminal::Terminal() {
  const char* term = std::getenv("TERM");
  const char* no_color = std::getenv("NO_COLOR");
  animated_ = isatty(STDOUT_FILENO) != 0 && term != nullptr && std::string_view(term) != "dumb";
  coloured_ = animated_ && (no_color == nullptr || *no_color == '\0');
}

std::string Terminal::in(std::string_view style, std::string_view text) const {
  return coloured_ ? fmt::format("\x1b[{}m{}\x1b[0m", style, text) : std::string(text);
}

ProgressBar::ProgressBar(const Terminal& terminal, std::string label, std::int64_t total)
    : label_(std::move(label)), total_(total), animated_(terminal.animated() && total > 0) {
  show(0);
}

ProgressBar::~ProgressBar() {
  if (!drawn_) return;
  std::fputs("\r\x1b[K", stdout);  // returns to the start of the line and clears it
  std::fflush(stdout);
}

void ProgressBar::show(std::int64_t done) {
  constexpr std::chrono::milliseconds pause{50};
  constexpr int width = 40;
  if (!animated_) return;
  const Clock::time_point now = Clock::now();
  if (drawn_ && now < next_) return;
  next_ = now + pause;
  drawn_ = true;
  const double part = static_cast<double>(done) / static_cast<double>(total_);
  const std::string filled(static_cast<std::size_t>(part * width), '#');
  fmt::print("\r  {:<18} [{:-<{}}] {:3.0f} %", label_, filled, width, 100.0 * part);
  std::fflush(stdout);
}

}  // namespace worked_example

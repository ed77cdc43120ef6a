#include "nn/training/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>

#include "autodiff/core/error.hpp"
#include "nn/training/clock.hpp"

namespace chainrule::nn {
namespace {

constexpr double interval = 0.1;  // seconds between redraws
constexpr int unlimited = 1 << 20;
constexpr const char* clear_rest = "\x1b[K";

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

bool terminal_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view locale = environment(name);
    if (locale.empty()) continue;  // the first variable that is set takes precedence
    return locale.find("UTF-8") != locale.npos || locale.find("utf8") != locale.npos;
  }
  return false;
}

/// The width of a text in columns: its number of characters, each of which takes one column.
int columns_of(std::string_view text) {
  return static_cast<int>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) >> 6) != 2; }));
}

/// A rate or count in short form: 950, 12.3k, 4.56M.
std::string short_number(double x) {
  if (x >= 999.5e6) return fmt::format("{:.3g}G", x / 1e9);
  if (x >= 999.5e3) return fmt::format("{:.3g}M", x / 1e6);
  if (x >= 999.5) return fmt::format("{:.3g}k", x / 1e3);
  return fmt::format("{:.3g}", x);
}

/// A remaining time: 0:07, 12:34, 5:06:07, 3 d 04 h.
std::string clock_time(double seconds) {
  if (!(seconds < 8.64e9)) return "?";
  const auto whole = static_cast<std::int64_t>(std::llround(std::max(seconds, 0.0)));
  const std::int64_t minutes = whole / 60, hours = minutes / 60;
  if (hours >= 48) return fmt::format("{} d {:02} h", hours / 24, hours % 24);
  if (hours > 0) return fmt::format("{}:{:02}:{:02}", hours, minutes % 60, whole % 60);
  return fmt::format("{}:{:02}", minutes, whole % 60);
}

/// A duration: 85 us, 12 ms, 2.1 s, 12:34.
std::string duration(double seconds) {
  if (seconds < 0.0009995) return fmt::format("{:.3g} us", 1e6 * std::max(seconds, 0.0));
  if (seconds < 0.9995) return fmt::format("{:.3g} ms", 1e3 * seconds);
  return seconds < 59.95 ? fmt::format("{:.1f} s", seconds) : clock_time(seconds);
}

std::string text_of(const Reading& reading) {
  return fmt::format("  {} {:.4g}", reading.name, reading.value);
}

/// A value of nearly constant width, so that a redrawn line does not jump.
std::string steady_text_of(const Reading& reading) {
  return fmt::format("  {} {:<#7.4g}", reading.name, reading.value);
}

std::string repeated(std::string_view text, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += text;
  return result;
}

std::string bar_of(double part, int width, bool fancy, bool colour) {
  const int done = std::clamp(static_cast<int>(part * width), 0, width);
  const char* const full = fancy ? "━" : "#";
  const char* const tip = fancy ? "╸" : ">";
  const char* const empty = !fancy ? " " : colour ? "━" : "─";
  std::string past = repeated(full, done), rest;
  if (done < width) {
    past += tip;
    rest = repeated(empty, width - done - 1);
  }
  if (colour) return fmt::format(" \x1b[36m{}\x1b[90m{}\x1b[0m", past, rest);
  return fancy ? fmt::format(" {}{}", past, rest) : fmt::format(" [{}{}]", past, rest);
}

/// The free columns of a line, which its parts take one after the other.
class Room {
 public:
  // The last column is not used: some terminals wrap the line when it is written.
  explicit Room(int columns) : left_(std::max(columns - 1, 0)) {}
  int left() const { return left_; }
  void use(int columns) { left_ -= columns; }
  /// The text if it fits, else an empty one.
  std::string take(std::string text) {
    const int width = columns_of(text);
    if (width > left_) return "";
    use(width);
    return text;
  }
  /// A text of one-byte characters, truncated to the free columns.
  std::string clip(std::string text) {
    text.resize(std::min(text.size(), static_cast<std::size_t>(left_)));
    use(static_cast<int>(text.size()));
    return text;
  }

 private:
  int left_;
};

}  // namespace

bool detail::can_draw_bar(std::FILE* file) {
  const std::string_view terminal = environment("TERM");
  return ::isatty(::fileno(file)) == 1 && !terminal.empty() && terminal != "dumb";
}

Progress::Progress(std::int64_t epochs, ProgressOptions options)
    : epochs_(epochs), options_(std::move(options)) {
  if (epochs < 1 || options_.every < 1)
    throw DomainError(fmt::format("Progress: {} epochs, every {}: both must be at least 1", epochs,
                                  options_.every));
  if (!options_.clock) options_.clock = detail::steady_seconds;
  const bool terminal = !options_.sink && detail::can_draw_bar(options_.file);
  if (options_.style == ProgressStyle::automatic)
    options_.style = terminal ? ProgressStyle::bar : ProgressStyle::lines;
  fancy_ = terminal && terminal_is_utf8();
  colour_ = terminal && environment("NO_COLOR").empty();
}

Progress::~Progress() {
  try {
    if (on_screen_) write("\n");
  } catch (...) {  // an exception of the sink must not leave the destructor
  }
}

void Progress::begin_epoch(std::int64_t epoch, std::int64_t batches) {
  epoch_start_ = last_batch_ = options_.clock();
  if (first_epoch_ == 0) {
    first_epoch_ = epoch;
    start_ = epoch_start_;
    last_drawn_ = start_ - interval;
  }
  epoch_ = epoch;
  batches_ = batches;
  batch_ = samples_ = 0;
}

void Progress::advance(std::int64_t samples, const Readings& readings) {
  ++batch_;
  samples_ += samples;
  last_batch_ = options_.clock();
  if (options_.style == ProgressStyle::bar && last_batch_ - last_drawn_ >= interval)
    draw(last_batch_, readings);
}

void Progress::draw(double now, const Readings& readings) {
  write(fmt::format("\r{}{}", running_line(now, readings), clear_rest));
  on_screen_ = true;
  last_drawn_ = now;
}

void Progress::end_epoch(const Readings& readings) {
  if (options_.style == ProgressStyle::quiet) return;
  const double now = options_.clock();
  const bool kept = epoch_ % options_.every == 0 || epoch_ >= epochs_;
  if (options_.style == ProgressStyle::lines) {
    if (kept) write(result_line(now, readings, unlimited) + "\n");
    return;
  }
  if (!kept && now - last_drawn_ < interval) return;
  // A line that is redrawn must not wrap; a line that is kept may.
  write(fmt::format("\r{}{}{}", result_line(now, readings, kept ? unlimited : columns()),
                    clear_rest, kept ? "\n" : ""));
  on_screen_ = !kept;
  last_drawn_ = now;
}

void Progress::note(std::string_view text) {
  if (options_.style == ProgressStyle::quiet) return;
  write(fmt::format("{}{}\n", on_screen_ ? fmt::format("\r{}", clear_rest) : "", text));
  on_screen_ = false;
}

std::string Progress::epoch_text() const {
  const std::string all = std::to_string(epochs_);
  return fmt::format("epoch {:>{}}/{}", epoch_, all.size(), all);
}

double Progress::part() const {
  if (batches_ <= 0) return 0.0;
  return std::min(static_cast<double>(batch_) / static_cast<double>(batches_), 1.0);
}

double Progress::seconds_left(double now) const {
  const double done = static_cast<double>(epoch_ - first_epoch_) + part();
  const double all = static_cast<double>(epochs_ - first_epoch_ + 1);
  return done > 0.0 ? (now - start_) * (all - done) / done : INFINITY;
}

std::string Progress::speed_text(int width, const char* unit) const {
  const double seconds = last_batch_ - epoch_start_;
  if (samples_ == 0 || !(seconds > 0.0)) return "";
  const std::string number = short_number(static_cast<double>(samples_) / seconds);
  return fmt::format("  {:>{}}{}", number, width, unit);
}

int Progress::columns() const {
  if (options_.width > 0) return options_.width;
  winsize size{};
  if (!options_.sink && ::ioctl(::fileno(options_.file), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return 80;
}

std::string Progress::running_line(double now, const Readings& readings) const {
  constexpr int min_bar = 10, max_bar = 30, edges = 3;
  Room room(columns());
  // In order of importance; parts that do not fit are omitted.
  const std::string epoch = room.clip(epoch_text());
  std::string numbers, left;
  if (!readings.empty()) numbers = room.take(steady_text_of(readings.front()));
  std::string count = fmt::format("  batch {}", batch_);
  if (const std::string all = std::to_string(batches_); batches_ > 0)
    count = fmt::format("  batch {:>{}}/{}", batch_, all.size(), all);
  count = room.take(std::move(count));
  if (const double seconds = seconds_left(now); std::isfinite(seconds))
    left = room.take(fmt::format("  {} left", clock_time(seconds)));
  for (std::size_t i = 1; i < readings.size(); ++i)
    numbers += room.take(steady_text_of(readings[i]));
  const bool has_bar = batches_ > 0 && room.left() >= min_bar + edges;
  if (has_bar) room.use(min_bar + edges);
  const std::string speed = room.take(speed_text(5, "/s"));
  std::string bar;
  if (has_bar) bar = bar_of(part(), std::min(min_bar + room.left(), max_bar), fancy_, colour_);
  return epoch + bar + count + numbers + speed + left;
}

std::string Progress::result_line(double now, const Readings& readings, int width) const {
  Room room(width);
  std::string line = room.clip(epoch_text());
  for (const Reading& reading : readings) line += room.take(text_of(reading));
  line += room.take(speed_text(0, " samples/s"));
  return line + room.take("  " + duration(now - epoch_start_));
}

void Progress::write(std::string_view text) const {
  if (options_.sink) {
    options_.sink(text);
  } else {
    std::fwrite(text.data(), 1, text.size(), options_.file);
    std::fflush(options_.file);
  }
}

}  // namespace chainrule::nn

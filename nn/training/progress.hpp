// What a training run says while it works.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>

#include "nn/training/reading.hpp"

namespace chainrule::nn {

/// How progress is shown.
enum class ProgressStyle {
  automatic,  ///< a bar on a terminal that can redraw its line, else plain lines
  bar,        ///< one line that is redrawn, at most ten times a second
  lines,      ///< a plain line after each epoch, without control characters: for log files
  quiet,      ///< nothing
};

struct ProgressOptions {
  ProgressStyle style = ProgressStyle::automatic;
  /// Of how many epochs the line is kept; the last one's always is. 1: of every one.
  std::int64_t every = 1;
  /// Where it goes, if not to `sink`.
  std::FILE* file = stderr;
  /// Called instead with each text that would be written. Nothing is asked of a terminal then:
  /// automatic means lines, a bar has `width` columns (80 if 0), no colour and plain characters.
  std::function<void(std::string_view)> sink = nullptr;
  /// Columns; 0: those of the terminal, asked for each time, or 80.
  int width = 0;
  /// Seconds since some moment, never running backwards; for tests.
  std::function<double()> clock = nullptr;
};

namespace detail {
/// Whether a bar can be drawn there: a terminal, and TERM is neither empty nor "dumb".
bool can_draw_bar(std::FILE* file);
}  // namespace detail

/// The progress of a training run, on stderr unless told otherwise:
///
///   epoch  3/20 [######>   ]  batch 38/61  loss 0.2134   accuracy 0.9120   12.3k/s  0:41 left
///
/// and for each epoch done
///
///   epoch  3/20  loss 0.1987  accuracy 0.921  val_loss 0.2211  12.4k samples/s  2.1 s
///
/// On a narrow terminal a running line leaves out the parts of least interest; it is never broken.
/// Colour is for terminals, unless the environment has NO_COLOR. Failures of writing are ignored: a
/// training shall not end because nobody listens any more. To be used by one thread at a time.
class Progress {
 public:
  /// Throws DomainError unless epochs and `every` are at least 1.
  explicit Progress(std::int64_t epochs, ProgressOptions options = {});
  /// Ends the line that is being drawn, so that it stays.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// The given epoch, counted from 1, starts; it has so many batches (0: not known). A resumed
  /// training starts with a later one.
  void begin_epoch(std::int64_t epoch, std::int64_t batches);
  /// A batch of so many samples is done; the readings are shown as they are (running means are more
  /// restful than single batches). Cost when nothing is due to be drawn: one look at the clock.
  void advance(std::int64_t samples, const Readings& readings);
  /// The epoch is done; the readings are its results.
  void end_epoch(const Readings& readings);
  /// A line of its own among the others, such as "stopped early"; quiet leaves it out.
  void note(std::string_view text);

 private:
  void write(std::string_view text) const;
  void draw(double now, const Readings& readings);
  std::string running_line(double now, const Readings& readings) const;
  std::string result_line(double now, const Readings& readings, int width) const;
  std::string epoch_text() const;
  std::string speed_text(int width, const char* unit) const;
  double part() const;  // of this epoch that is done
  double seconds_left(double now) const;
  int columns() const;

  std::int64_t epochs_;
  ProgressOptions options_;
  bool fancy_ = false;  // colours and block characters
  bool colour_ = false;
  std::int64_t first_epoch_ = 0, epoch_ = 0, batches_ = 0, batch_ = 0, samples_ = 0;
  double start_ = 0.0, epoch_start_ = 0.0, last_batch_ = 0.0, last_drawn_ = 0.0;
  bool on_screen_ = false;  // a line is drawn and not ended
};

}  // namespace chainrule::nn

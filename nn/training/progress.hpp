// Progress: reports the progress of a training run.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>

#include "nn/training/reading.hpp"

namespace chainrule::nn {

/// The style of progress reports.
enum class ProgressStyle {
  automatic,  ///< bar on a terminal that can redraw its line, else lines
  bar,        ///< one line that is redrawn, at most ten times a second
  lines,      ///< a plain line after each epoch, without control characters: for log files
  quiet,      ///< nothing
};

struct ProgressOptions {
  ProgressStyle style = ProgressStyle::automatic;
  /// Keeps the line of every so-many-th epoch, and that of the last. 1: keeps all.
  std::int64_t every = 1;
  /// The file that is written to, unless there is a `sink`.
  std::FILE* file = stderr;
  /// If set, it is called with each text instead of writing to `file`. No terminal is queried then:
  /// automatic means lines, and a bar has `width` columns (80 if 0), no colours and ASCII
  /// characters.
  std::function<void(std::string_view)> sink = nullptr;
  /// Width in columns. 0: that of the terminal, queried at every redraw; 80 if it is not known.
  int width = 0;
  /// A monotonic clock in seconds, for tests. By default the system's.
  std::function<double()> clock = nullptr;
};

namespace detail {
/// Whether a bar can be drawn: the file is a terminal, and TERM is neither empty nor "dumb".
bool can_draw_bar(std::FILE* file);
}  // namespace detail

/// Shows the progress of a training run, on stderr by default:
///
///   epoch  3/20 [######>   ]  batch 38/61  loss 0.2134   accuracy 0.9120   12.3k/s  0:41 left
///
/// and for each finished epoch
///
///   epoch  3/20  loss 0.1987  accuracy 0.921  val_loss 0.2211  12.4k samples/s  2.1 s
///
/// On a narrow terminal the running line omits its less important parts instead of wrapping.
/// Colours are used on terminals only, and not if the environment variable NO_COLOR is set. Write
/// errors are ignored, so that a closed terminal does not end a training. Not thread safe.
class Progress {
 public:
  /// Throws DomainError unless epochs and `every` are at least 1.
  explicit Progress(std::int64_t epochs, ProgressOptions options = {});
  /// Ends the current line, so that it stays visible.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Starts an epoch, counted from 1, with this number of batches (0: unknown). A resumed training
  /// starts with a later epoch than 1.
  void begin_epoch(std::int64_t epoch, std::int64_t batches);
  /// Reports a finished batch with this number of samples. The readings are shown unchanged; pass
  /// running means, which vary less than the values of single batches. Cost if no redraw is due:
  /// that of reading the clock.
  void advance(std::int64_t samples, const Readings& readings);
  /// Reports the end of the epoch with its results.
  void end_epoch(const Readings& readings);
  /// Writes a line of its own, such as "stopped early", unless the style is quiet.
  void note(std::string_view text);

 private:
  void write(std::string_view text) const;
  void draw(double now, const Readings& readings);
  std::string running_line(double now, const Readings& readings) const;
  std::string result_line(double now, const Readings& readings, int width) const;
  std::string epoch_text() const;
  std::string speed_text(int width, const char* unit) const;
  double part() const;  // the finished fraction of this epoch
  double seconds_left(double now) const;
  int columns() const;

  std::int64_t epochs_;
  ProgressOptions options_;
  bool fancy_ = false;  // block characters: the terminal shows UTF-8
  bool colour_ = false;
  std::int64_t first_epoch_ = 0, epoch_ = 0, batches_ = 0, batch_ = 0, samples_ = 0;
  double start_ = 0.0, epoch_start_ = 0.0, last_batch_ = 0.0, last_drawn_ = 0.0;
  bool on_screen_ = false;  // there is a line that has not been ended
};

}  // namespace chainrule::nn

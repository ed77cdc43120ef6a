#include "nn/training/progress.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "autodiff/core/error.hpp"
#include "tests/support/message_of.hpp"

using chainrule::DomainError;
namespace nn = chainrule::nn;

namespace {

/// A Progress that writes to a string, with a clock that the test sets.
struct Stage {
  std::vector<std::string> texts;
  double now = 100.0;

  nn::ProgressOptions options(nn::ProgressStyle style, int width = 80) {
    nn::ProgressOptions result;
    result.style = style;
    result.sink = [this](std::string_view text) { texts.emplace_back(text); };
    result.clock = [this] { return now; };
    result.width = width;
    return result;
  }
  std::string all() const {
    std::string result;
    for (const std::string& text : texts) result += text;
    return result;
  }
};

/// Two epochs of ten batches of 32 samples: 0.25 s per batch, 0.5 s of validation.
void run(Stage& stage, const nn::ProgressOptions& options) {
  nn::Progress progress(2, options);
  for (int epoch = 1; epoch <= 2; ++epoch) {
    progress.begin_epoch(epoch, 10);
    for (int batch = 1; batch <= 10; ++batch) {
      stage.now += 0.25;
      progress.advance(32, {{"loss", 1.0 / batch}, {"accuracy", 0.5}});
    }
    stage.now += 0.5;
    progress.end_epoch({{"loss", 0.25}, {"val_loss", 0.123456789}});
  }
}

/// Sets an environment variable within a scope.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) {
      had_ = true;
      before_ = before;
    }
    if (value != nullptr)
      ::setenv(name, value, 1);
    else
      ::unsetenv(name);
  }
  ~Environment() {
    if (had_)
      ::setenv(name_, before_.c_str(), 1);
    else
      ::unsetenv(name_);
  }

 private:
  const char* name_;
  bool had_ = false;
  std::string before_;
};

/// A pseudo-terminal of 60 columns, whose other end the test reads.
class Terminal {
 public:
  Terminal() : end_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    if (end_ < 0 || ::grantpt(end_) != 0 || ::unlockpt(end_) != 0) return;
    file_ = std::fopen(::ptsname(end_), "r+");
    winsize size{};
    size.ws_col = 60;
    ::ioctl(end_, TIOCSWINSZ, &size);
  }
  ~Terminal() {
    if (file_ != nullptr) std::fclose(file_);
    if (end_ >= 0) ::close(end_);
  }
  std::FILE* file() const { return file_; }
  /// The next line; it may arrive in several pieces.
  std::string shown_line() const {
    std::string text;
    char piece[256];
    while (!contains(text, "\n")) {
      const ssize_t count = ::read(end_, piece, sizeof piece);
      if (count <= 0) break;
      text.append(piece, static_cast<std::size_t>(count));
    }
    return text;
  }

 private:
  int end_;
  std::FILE* file_ = nullptr;
};

}  // namespace

TEST_CASE("plain lines: one per epoch, without control characters") {
  Stage stage;
  run(stage, stage.options(nn::ProgressStyle::lines));
  CHECK(stage.all() ==
        "epoch 1/2  loss 0.25  val_loss 0.1235  128 samples/s  3.0 s\n"
        "epoch 2/2  loss 0.25  val_loss 0.1235  128 samples/s  3.0 s\n");
}

TEST_CASE("a sink is not a terminal: automatic means plain lines") {
  Stage stage, plain;
  run(stage, stage.options(nn::ProgressStyle::automatic));
  run(plain, plain.options(nn::ProgressStyle::lines));
  CHECK(stage.all() == plain.all());
}

TEST_CASE("quiet writes nothing") {
  Stage stage;
  run(stage, stage.options(nn::ProgressStyle::quiet));
  nn::Progress(1, stage.options(nn::ProgressStyle::quiet)).note("nothing");
  CHECK(stage.texts.empty());
}

TEST_CASE("a bar is one line that is redrawn") {
  Stage stage;
  run(stage, stage.options(nn::ProgressStyle::bar, 100));
  REQUIRE(stage.texts.size() == 22);
  CHECK(stage.texts[0] ==
        "\repoch 1/2 [##>                   ]  batch  1/10  loss 1.000    accuracy 0.5000 "
        "    128/s  0:05 left\x1b[K");
  CHECK(stage.texts[9] ==
        "\repoch 1/2 [######################]  batch 10/10  loss 0.1000   accuracy 0.5000 "
        "    128/s  0:03 left\x1b[K");
  CHECK(stage.texts[10] == "\repoch 1/2  loss 0.25  val_loss 0.1235  128 samples/s  3.0 s\x1b[K\n");
  CHECK(stage.texts[21].ends_with("3.0 s\x1b[K\n"));
  for (const std::string& text : stage.texts) CHECK(text.size() <= 1 + 99 + 4);
}

TEST_CASE("a bar is redrawn at most ten times a second") {
  Stage stage;
  nn::Progress progress(1, stage.options(nn::ProgressStyle::bar));
  progress.begin_epoch(1, 1000);
  for (int batch = 0; batch < 1000; ++batch) {
    stage.now += 0.001;
    progress.advance(1, {{"loss", 1.0}});
  }
  CHECK(stage.texts.size() >= 9);
  CHECK(stage.texts.size() <= 11);
}

TEST_CASE("parts that do not fit a narrow terminal are omitted, the least important first") {
  const auto line = [](int width) {
    Stage stage;
    nn::Progress progress(5, stage.options(nn::ProgressStyle::bar, width));
    progress.begin_epoch(1, 10);
    stage.now += 1.0;
    progress.advance(32, {{"loss", 0.5}, {"accuracy", 0.5}});
    std::string text = stage.texts.at(0);
    CHECK(text.front() == '\r');
    CHECK(text.ends_with("\x1b[K"));
    text = text.substr(1, text.size() - 4);
    CHECK(static_cast<int>(text.size()) < width);
    return text;
  };
  CHECK(
      line(90) ==
      "epoch 1/5 [#>          ]  batch  1/10  loss 0.5000   accuracy 0.5000      32/s  0:49 left");
  CHECK(line(75) == "epoch 1/5  batch  1/10  loss 0.5000   accuracy 0.5000      32/s  0:49 left");
  CHECK(line(68) == "epoch 1/5  batch  1/10  loss 0.5000   accuracy 0.5000   0:49 left");
  CHECK(line(50) == "epoch 1/5  batch  1/10  loss 0.5000   0:49 left");
  CHECK(line(26) == "epoch 1/5  loss 0.5000 ");
  CHECK(line(23) == "epoch 1/5  batch  1/10");
  CHECK(line(6) == "epoch");
  CHECK(line(1).empty());
}

TEST_CASE("the number of batches may be unknown") {
  Stage stage;
  nn::Progress progress(1, stage.options(nn::ProgressStyle::bar));
  progress.begin_epoch(1, 0);
  stage.now += 1.0;
  progress.advance(2'500'000, {{"loss", NAN}});
  CHECK(stage.texts.at(0) == "\repoch 1/1  batch 1  loss nan       2.5M/s\x1b[K");
}

TEST_CASE("the remaining time of a resumed training counts from its start") {
  Stage stage;
  nn::Progress progress(100, stage.options(nn::ProgressStyle::bar));
  progress.begin_epoch(91, 1);
  stage.now += 3600.0;
  progress.advance(1, {});
  CHECK(contains(stage.texts.at(0), "epoch  91/100"));
  CHECK(contains(stage.texts.at(0), "9:00:00 left"));
}

TEST_CASE("with many epochs only some lines are kept, the last always") {
  Stage stage;
  nn::ProgressOptions options = stage.options(nn::ProgressStyle::lines);
  options.every = 4;
  for (const auto style : {nn::ProgressStyle::lines, nn::ProgressStyle::bar}) {
    stage.texts.clear();
    options.style = style;
    {
      nn::Progress progress(10, options);
      for (int epoch = 1; epoch <= 10; ++epoch) {
        progress.begin_epoch(epoch, 1);
        stage.now += 0.01;
        progress.end_epoch({{"loss", 1.0}});
      }
    }
    const std::string all = stage.all();
    for (const char* kept : {"epoch  4/10", "epoch  8/10", "epoch 10/10"})
      CHECK(contains(all, kept));
    CHECK(std::count(all.begin(), all.end(), '\n') == 3);
    CHECK_FALSE(contains(all, "epoch  2/10"));
  }
}

TEST_CASE("the current line stays when the progress ends early, and notes have their own lines") {
  Stage stage;
  {
    nn::Progress progress(2, stage.options(nn::ProgressStyle::bar));
    progress.begin_epoch(1, 2);
    stage.now += 1.0;
    progress.advance(1, {});
    progress.note("checkpoint written");
    stage.now += 1.0;
    progress.advance(1, {});
  }
  REQUIRE(stage.texts.size() == 4);
  CHECK(stage.texts[1] == "\r\x1b[Kcheckpoint written\n");
  CHECK(stage.texts[3] == "\n");

  Stage plain;
  nn::Progress(1, plain.options(nn::ProgressStyle::lines)).note("stopped early");
  CHECK(plain.all() == "stopped early\n");
}

TEST_CASE("the width of a terminal is queried; colours and block characters need its support") {
  const Terminal terminal;
  if (terminal.file() == nullptr) return;
  const Environment term("TERM", "xterm"), language("LC_ALL", "C.UTF-8"),
      colour("NO_COLOR", nullptr);
  double now = 0.0;
  nn::ProgressOptions options;
  options.file = terminal.file();
  options.clock = [&] { return now; };
  const auto draw = [&] {
    {
      nn::Progress progress(1, options);
      progress.begin_epoch(1, 2);
      now += 1.0;
      progress.advance(1, {{"loss", 0.5}});
    }
    return terminal.shown_line();
  };
  CHECK(nn::detail::can_draw_bar(terminal.file()));
  std::string shown = draw();
  CHECK(contains(shown, "\x1b[36m━"));
  CHECK(contains(shown, "loss 0.5"));
  {
    const Environment no_colour("NO_COLOR", "1");
    shown = draw();
    CHECK(contains(shown, "━╸─"));
    CHECK_FALSE(contains(shown, "\x1b[36m"));
  }
  {
    const Environment ascii("LC_ALL", "C");
    CHECK(contains(draw(), "#>"));
  }
  for (const char* dumb : {"dumb", ""}) {
    const Environment poor("TERM", dumb);
    CHECK_FALSE(nn::detail::can_draw_bar(terminal.file()));
  }
}

TEST_CASE("a file is not a terminal, and write errors are ignored") {
  const Environment term("TERM", "xterm");
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  CHECK_FALSE(nn::detail::can_draw_bar(file));
  std::fclose(file);
  if (std::FILE* full = std::fopen("/dev/full", "w")) {
    nn::ProgressOptions options;
    options.file = full;
    nn::Progress progress(1, options);
    progress.begin_epoch(1, 1);
    CHECK_NOTHROW(progress.end_epoch({{"loss", 1.0}}));
    std::fclose(full);
  }
}

TEST_CASE("durations are written in a suitable unit") {
  const std::pair<double, std::string> epochs[] = {
      {3.69e-6, "3.69 us"}, {0.0125, "12.5 ms"}, {2.125, "2.1 s"}, {754.0, "12:34"}};
  for (const auto& [seconds, text] : epochs) {
    Stage stage;
    nn::Progress progress(1, stage.options(nn::ProgressStyle::lines));
    progress.begin_epoch(1, 1);
    stage.now += seconds;
    progress.advance(32, {{"loss", 1.0}});
    progress.end_epoch({{"loss", 1.0}});
    CHECK(contains(stage.all(), "  " + text + "\n"));
  }
}

TEST_CASE("invalid numbers are errors") {
  CHECK_THROWS_AS(nn::Progress(0), DomainError);
  nn::ProgressOptions options;
  options.every = 0;
  CHECK_THROWS_AS(nn::Progress(1, options), DomainError);
}

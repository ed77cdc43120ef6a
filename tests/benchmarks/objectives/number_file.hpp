// Reads the whitespace-separated numbers of a benchmark input; error messages name what is missing.
#pragma once

#include <cmath>
#include <cstddef>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace chainrule::objectives {

/// A text file of numbers, read sequentially. All failures throw std::runtime_error with a message
/// "path: what is wrong".
class NumberFile {
 public:
  explicit NumberFile(const std::string& path) : path_(path), stream_(path) {
    if (!stream_) fail("cannot be opened");
  }

  /// The next number; `what` names it in the error message.
  double number(const std::string& what) {
    double x = 0;
    if (stream_ >> x) return x;
    fail((stream_.eof() ? "the file ends before " : "not a number in ") + what);
  }

  /// The next number as a size from 1 to a million.
  std::size_t size(const std::string& what) {
    const double x = number(what);
    if (!(x >= 1 && x <= 1e6) || x != std::floor(x)) fail(what + " is not a size");
    return static_cast<std::size_t>(x);
  }

  /// Appends the next `count` numbers to `list`.
  void append(std::vector<double>& list, std::size_t count, const std::string& what) {
    for (std::size_t i = 0; i < count; ++i) list.push_back(number(what));
  }

  void expect_end() {
    if (!(stream_ >> std::ws).eof()) fail("has more numbers than its first line announces");
  }

  [[noreturn]] void fail(const std::string& problem) const {
    throw std::runtime_error(path_ + ": " + problem);
  }

 private:
  std::string path_;
  std::ifstream stream_;
};

}  // namespace chainrule::objectives

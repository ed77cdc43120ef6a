// The printed report: a table of compared numbers, and the count of those that disagree.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "worked_example/difference.hpp"
#include "worked_example/terminal.hpp"

namespace worked_example {

/// Whether a number agrees with the printed one, e.g. "0.593269992". The tutorial truncates some
/// numbers and rounds others, so any number less than one unit in the last printed place away is
/// accepted.
bool matches(double value, std::string_view printed);

/// A number with as many decimal places as the printed one; with 9 if that is empty.
std::string like(std::string_view printed, double value);

/// An integer with commas as thousands separators.
std::string grouped(std::int64_t number);

/// One line of the table.
struct Row {
  std::string quantity;
  std::string_view printed;                ///< as in the tutorial; determines the number of places
  double value = 0.0;                      ///< the engine's value
  std::optional<Difference> difference{};  ///< for a derivative
};

class Report {
 public:
  Report(const Terminal& terminal, bool quiet) : terminal_(terminal), quiet_(quiet) {}

  /// Prints a paragraph or line, unless the report is quiet and this is not urgent.
  void text(std::string_view text, bool urgent = false) const;
  /// Starts a group of the table. Its columns: the tutorial's numbers, the engine's, differences.
  void group(std::string_view title, std::string_view tutorial = "tutorial",
             std::string_view differences = "differences") const;

  /// A number of the tutorial; compared with the printed one only if `comparable`.
  void row(const Row& row, bool comparable);
  /// A derivative with the given number of significant digits.
  void row_in_full(const std::string& quantity, double value, const Difference& difference,
                   int digits);
  /// Counts a comparison that is printed elsewhere, and returns the text for its outcome.
  std::string count(bool agrees, std::string_view if_so = "yes");

  /// Prints the overall outcome on the last line.
  void verdict() const;
  bool all_agree() const { return disagreeing_ == 0; }
  const Terminal& terminal() const { return terminal_; }

 private:
  Terminal terminal_;
  bool quiet_;
  int compared_ = 0, disagreeing_ = 0;
};

}  // namespace worked_example

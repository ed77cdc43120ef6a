// The printed report: a table of numbers to compare, and the count of those that do not agree.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "worked_example/difference.hpp"
#include "worked_example/terminal.hpp"

namespace worked_example {

/// Whether a number is the one printed, e.g. "0.593269992". The tutorial cuts some numbers off and
/// rounds others, so everything less than one unit of the last printed place away is taken for it.
bool matches(double value, std::string_view printed);

/// A number with as many decimal places as the printed one has; with 9 if that is empty.
std::string like(std::string_view printed, double value);

/// A whole number with commas between its thousands.
std::string grouped(std::int64_t number);

/// One line of the table.
struct Row {
  std::string quantity;
  std::string_view printed;                ///< as the tutorial has it; its places are used
  double value = 0.0;                      ///< the engine's
  std::optional<Difference> difference{};  ///< of a derivative
};

class Report {
 public:
  Report(const Terminal& terminal, bool quiet) : terminal_(terminal), quiet_(quiet) {}

  /// Prints a paragraph or line, unless the report is quiet and this is not urgent.
  void text(std::string_view text, bool urgent = false) const;
  /// Begins a group of the table. Its columns: the tutorial's numbers, the engine's, differences.
  void group(std::string_view title, std::string_view tutorial = "tutorial",
             std::string_view differences = "differences") const;

  /// A number of the tutorial; what is printed there counts only if it is `comparable`.
  void row(const Row& row, bool comparable);
  /// A derivative in full, with so many significant digits.
  void row_in_full(const std::string& quantity, double value, const Difference& difference,
                   int digits);
  /// Counts a comparison that is printed elsewhere, and returns how its outcome is written.
  std::string count(bool agrees, std::string_view if_so = "yes");

  /// Says on the last line what the outcome is.
  void verdict() const;
  bool all_agree() const { return disagreeing_ == 0; }
  const Terminal& terminal() const { return terminal_; }

 private:
  Terminal terminal_;
  bool quiet_;
  int compared_ = 0, disagreeing_ = 0;
};

}  // namespace worked_example

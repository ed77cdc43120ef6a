#include "worked_example/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace worked_example {
namespace {

constexpr int name_width = 32;
constexpr int usual_places = 9;  // as in the tutorial
constexpr int difference_places = 10;

int places(std::string_view printed) {
  const std::size_t point = printed.find('.');
  return point == std::string_view::npos ? 0 : static_cast<int>(printed.size() - point - 1);
}

/// Padded on the right, so that decimal points are aligned in a column.
std::string aligned(std::string_view number) {
  return fmt::format("{}{:{}}", number, "", std::max(0, usual_places - places(number)));
}

std::string written(const std::optional<Difference>& difference) {
  return difference ? fmt::format("{:.{}f}", difference->value, difference_places) : "";
}

}  // namespace

bool matches(double value, std::string_view printed) {
  const double there = std::strtod(std::string(printed).c_str(), nullptr);
  return std::abs(value - there) < std::pow(10.0, -places(printed));
}

std::string like(std::string_view printed, double value) {
  return fmt::format("{:.{}f}", value, printed.empty() ? usual_places : places(printed));
}

std::string grouped(std::int64_t number) {
  std::string text;
  const std::string digits = std::to_string(number);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

void Report::text(std::string_view text, bool urgent) const {
  if (!quiet_ || urgent) fmt::print("{}\n", text);
}

void Report::group(std::string_view title, std::string_view tutorial,
                   std::string_view differences) const {
  if (quiet_) return;
  // Padded before styling, since escape codes have no width.
  const std::string padded = fmt::format("{:<{}}", title, name_width + 2);
  fmt::print("\n{}  {:>12}  {:>12}  {:>14}  agree\n", terminal_.heading(padded), tutorial,
             "Chainrule", differences);
}

void Report::row(const Row& row, bool comparable) {
  const std::string_view printed = comparable ? row.printed : "";
  const bool agrees = (printed.empty() || matches(row.value, printed)) &&
                      (!row.difference || agree(row.value, *row.difference));
  const std::string outcome = printed.empty() && !row.difference ? "" : count(agrees);
  if (quiet_ && agrees) return;
  std::string name = row.quantity;
  if (name.size() > name_width) {
    fmt::print("  {}\n", name);
    name.clear();
  }
  const std::string line =
      fmt::format("  {:<{}}  {:>12}  {:>12}  {:>14}  {}", name, name_width, aligned(printed),
                  aligned(like(printed, row.value)), written(row.difference), outcome);
  fmt::print("{}\n", line.substr(0, line.find_last_not_of(' ') + 1));
  if (!agrees) fmt::print("    {} is {} in full\n", row.quantity, row.value);
}

void Report::row_in_full(const std::string& quantity, double value, const Difference& difference,
                         int digits) {
  const bool agrees = agree(value, difference);
  const std::string outcome = count(agrees);
  if (quiet_ && agrees) return;
  // 17 digits mean the shortest text that reads back as the same number.
  const std::string text =
      digits >= 17 ? fmt::format("{: }", value) : fmt::format("{: .{}g}", value, digits);
  fmt::print("  {:<{}}    {:<24}  {:>14}  {}\n", quantity, name_width, text, written(difference),
             outcome);
}

std::string Report::count(bool agrees, std::string_view if_so) {
  ++compared_;
  if (agrees) return terminal_.good(if_so);
  ++disagreeing_;
  return terminal_.bad("NO");
}

void Report::verdict() const {
  if (all_agree())
    fmt::print("{}\n", terminal_.good(fmt::format("All {} numbers agree.", compared_)));
  else
    fmt::print("{}\n", terminal_.bad(
                           fmt::format("{} of {} numbers do NOT agree.", disagreeing_, compared_)));
}

}  // namespace worked_example

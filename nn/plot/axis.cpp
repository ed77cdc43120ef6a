#include "nn/plot/axis.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace chainrule::nn::detail {
namespace {

/// An integer in superscript digits.
std::string raised(int number) {
  constexpr const char* digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string result = number < 0 ? "⁻" : "";
  for (const char c : std::to_string(std::abs(number))) result += digits[c - '0'];
  return result;
}

/// The label of a number, such as 0.25, -1200 or 2.5·10⁶, with just enough digits to tell two
/// neighbouring ticks apart.
std::string tick_label(double value, double step) {
  if (std::fabs(value) < step / 2) return "0";
  const double size = std::fabs(value);
  const int of_size = static_cast<int>(std::floor(std::log10(size) + 1e-9));
  const int of_step = static_cast<int>(std::floor(std::log10(step) + 1e-9));
  std::string text;
  if (of_size < 5 && of_step >= -4) {
    text = fmt::format("{:.{}f}", size, std::max(0, -of_step));
  } else {
    const int decimals = std::clamp(of_size - of_step, 0, 6);
    text = fmt::format("{:.{}e}", size, decimals);
    text.resize(text.find('e'));
    text = (text == "1" ? "" : text + "·") + "10" + raised(of_size);
  }
  return value < 0.0 ? "−" + text : text;
}

std::vector<Tick> linear_ticks(const Range& range, int count, bool whole) {
  const std::vector<double> values = round_ticks(range.low, range.high, count, whole);
  const double step = values.size() > 1 ? values[1] - values[0] : 1.0;
  std::vector<Tick> ticks;
  ticks.reserve(values.size());
  for (const double value : values) ticks.push_back({value, tick_label(value, step)});
  return ticks;
}

std::vector<Tick> logarithmic_ticks(const Range& range) {
  const int first = static_cast<int>(std::floor(std::log10(range.low) + 1e-9));
  const int last = static_cast<int>(std::ceil(std::log10(range.high) - 1e-9));
  const int every = std::max(1, (last - first + 5) / 6);
  std::vector<Tick> ticks;
  for (int power = first; power <= last; ++power) {
    for (const double digit : {1.0, 2.0, 5.0}) {
      if (digit != 1.0 && last - first > 3) break;
      if (power % every != 0) break;
      const double value = digit * std::pow(10.0, power);
      if (value < range.low * (1 - 1e-9) || value > range.high * (1 + 1e-9)) continue;
      ticks.push_back({value, tick_label(value, value)});
    }
  }
  return ticks;
}

}  // namespace

std::vector<double> round_ticks(double low, double high, int count, bool whole) {
  const double wish = (high / 2 - low / 2) / count * 2;
  if (!(wish > 0.0) || !std::isfinite(wish)) return {low};
  const double power = std::pow(10.0, std::floor(std::log10(wish)));
  double step = 10.0 * power;
  for (const double digit : {1.0, 2.0, 5.0})
    if (digit * power >= wish * 0.75) {
      step = digit * power;
      break;
    }
  if (whole) step = std::max(step, 1.0);
  std::vector<double> ticks;
  // Multiples instead of sums, so that rounding errors do not accumulate. The ends count as reached
  // within rounding.
  const double first = std::ceil(low / step - 1e-9), last = std::floor(high / step + 1e-9);
  for (int i = 0; i < 100 && first + i <= last; ++i) {
    const double tick = (first + i) * step;
    // If the range is only a few doubles wide, neighbouring ticks may coincide.
    if (ticks.empty() || tick != ticks.back()) ticks.push_back(tick);
  }
  return ticks;
}

std::vector<Tick> ticks_of(const Axis& axis, int count, bool whole) {
  return axis.logarithmic() ? logarithmic_ticks(axis.range())
                            : linear_ticks(axis.range(), count, whole);
}

}  // namespace chainrule::nn::detail

#include "nn/io/number.hpp"

#include <clocale>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>

#if __has_include(<xlocale.h>)
#include <xlocale.h>  // strtod_l on BSD and macOS
#endif

namespace chainrule::nn {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((text[i] | 0x20) != lower[i]) return false;
  return true;
}

/// strtod in the C locale, whatever the program's locale is. The locale object is never freed: it
/// may be used by destructors of other static objects.
double strtod_in_c_locale(const std::string& text) {
  static const locale_t c_locale = ::newlocale(LC_ALL_MASK, "C", static_cast<locale_t>(nullptr));
  return ::strtod_l(text.c_str(), nullptr, c_locale);
}

/// The powers of ten that are exact as doubles.
constexpr double exact_powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::int64_t max_exact_power = 22;

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t");
  if (start == text.npos) return std::nullopt;
  text = text.substr(start, text.find_last_not_of(" \t") - start + 1);
  const std::string_view whole = text;

  const bool negative = text.front() == '-';
  if (negative || text.front() == '+') text.remove_prefix(1);
  const double sign = negative ? -1.0 : 1.0;
  if (equals_ignoring_case(text, "inf") || equals_ignoring_case(text, "infinity"))
    return sign * std::numeric_limits<double>::infinity();
  if (equals_ignoring_case(text, "nan"))
    return std::copysign(std::numeric_limits<double>::quiet_NaN(), sign);

  std::uint64_t digits = 0;
  std::int64_t exponent = 0, significant = 0;
  bool any = false, point = false;
  std::size_t i = 0;
  for (; i < text.size() && (is_digit(text[i]) || (text[i] == '.' && !point)); ++i) {
    if (text[i] == '.') {
      point = true;
      continue;
    }
    any = true;
    if (significant > 0 || text[i] != '0') ++significant;
    if (significant <= 15) {
      digits = 10 * digits + static_cast<std::uint64_t>(text[i] - '0');
      if (point) --exponent;
    }
  }
  if (!any) return std::nullopt;
  if (i < text.size()) {
    if ((text[i] | 0x20) != 'e') return std::nullopt;
    ++i;
    const bool down = i < text.size() && text[i] == '-';
    if (down || (i < text.size() && text[i] == '+')) ++i;
    if (i == text.size()) return std::nullopt;
    std::int64_t written = 0;
    for (; i < text.size(); ++i) {
      if (!is_digit(text[i])) return std::nullopt;
      if (written < 100000) written = 10 * written + (text[i] - '0');
    }
    exponent += down ? -written : written;
  }

  // Both operands are exact, so the product or quotient is correctly rounded (W. D. Clinger, "How
  // to read floating point numbers accurately", PLDI 1990).
  if (significant <= 15 && exponent >= -max_exact_power && exponent <= max_exact_power) {
    const double value = static_cast<double>(digits);
    return sign * (exponent < 0 ? value / exact_powers[-exponent] : value * exact_powers[exponent]);
  }
  const double value = strtod_in_c_locale(std::string(whole));
  if (std::isinf(value)) return std::nullopt;
  return value;
}

}  // namespace chainrule::nn

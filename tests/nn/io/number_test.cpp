#include "nn/io/number.hpp"

#include <doctest/doctest.h>

#include <clocale>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>

#include "autodiff/core/bits.hpp"
#include "autodiff/core/random.hpp"

using chainrule::detail::bits_of;
using chainrule::nn::parse_number;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();

bool same(double x, double y) { return bits_of(x) == bits_of(y); }
}  // namespace

TEST_CASE("decimal numbers are parsed as by strtod, bit for bit") {
  for (const char* text :
       {"0",
        "-0",
        "+0",
        "1",
        "-1",
        "+1.5",
        ".5",
        "5.",
        "-.5e1",
        "1e5",
        "1E+5",
        "1e-5",
        "007",
        "0.1",
        "123456789012345",
        "1234567890123456789",
        "9007199254740993",
        "0.1e-6",
        "1e22",
        "1e23",
        "1e-22",
        "1e-23",
        "8.5e22",
        "123456789012345e22",
        "1.7976931348623157e308",
        "2.2250738585072014e-308",
        "2.2250738585072011e-308",
        "5e-324",
        "4.9406564584124654e-324",
        "0e999999",
        "0.0000000000001",
        "0.30000000000000004",
        "100000000000000016777215",
        "6.0221e23",
        "1e0000000000000000005",
        "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899"}) {
    CAPTURE(text);
    const auto value = parse_number(text);
    REQUIRE(value);
    CHECK(same(*value, std::strtod(text, nullptr)));
  }
  CHECK(parse_number("  42\t") == 42.0);
  CHECK(same(parse_number("1e-400").value_or(1), 0.0));
  CHECK(same(parse_number("-1e-99999999999999999999").value_or(1), -0.0));
}

TEST_CASE("random numbers are recovered from 17 digits, and parsed as by strtod from fewer") {
  chainrule::Random random(1);
  for (int i = 0; i < 100000; ++i) {
    const std::uint64_t bits = random();
    double x;
    __builtin_memcpy(&x, &bits, sizeof x);
    if (!std::isfinite(x)) continue;
    char text[64];
    std::snprintf(text, sizeof text, "%.17g", x);
    REQUIRE(same(parse_number(text).value_or(NAN), x));
    std::snprintf(text, sizeof text, "%.*e", static_cast<int>(random.below(16)), x);
    const double expected = std::strtod(text, nullptr);
    if (std::isfinite(expected)) REQUIRE(same(parse_number(text).value_or(NAN), expected));
    std::snprintf(text, sizeof text, "%.*f", static_cast<int>(random.below(12)),
                  random.uniform(-1e6, 1e6));
    REQUIRE(same(parse_number(text).value_or(NAN), std::strtod(text, nullptr)));
  }
}

TEST_CASE("infinities and NaN are written as words") {
  for (const char* text : {"inf", "Inf", "INFINITY", "+inf"}) CHECK(parse_number(text) == infinity);
  CHECK(parse_number("-Infinity") == -infinity);
  for (const char* text : {"nan", "NaN", "-nan"}) {
    REQUIRE(parse_number(text));
    CHECK(std::isnan(*parse_number(text)));
  }
}

TEST_CASE("other texts are not numbers") {
  for (const char* text : {"",
                           " ",
                           "\t",
                           "-",
                           "+",
                           ".",
                           "-.",
                           "e5",
                           ".e5",
                           "1e",
                           "1e+",
                           "1e-",
                           "1.2.3",
                           "1,5",
                           "0x10",
                           "1_000",
                           "1 2",
                           "--1",
                           "+-1",
                           "1f",
                           "12abc",
                           "abc",
                           "infi",
                           "nanx",
                           "nan(1)",
                           "1e5.0",
                           "\n1",
                           "1\n",
                           "½",
                           "1e309",
                           "-1e999999999999",
                           "1e",
                           "NA",
                           "i\x4e\x46\x01"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_number(text));
  }
  CHECK_FALSE(parse_number(std::string_view("1\0", 2)));
  CHECK_FALSE(parse_number(std::string_view("1e400\0", 6)));
}

TEST_CASE("the result does not depend on the locale") {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  for (const char* german : {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8"})
    if (std::setlocale(LC_ALL, german) != nullptr) break;
  // If this machine has no such locale, this checks the C locale.
  CHECK(parse_number("0.12345678901234567") == 0.12345678901234567);
  CHECK(parse_number("1.5") == 1.5);
  CHECK_FALSE(parse_number("1,5"));
  std::setlocale(LC_ALL, before.c_str());
}

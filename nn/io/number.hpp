// Numbers written as text, read alike in every country.
#pragma once

#include <optional>
#include <string_view>

namespace chainrule::nn {

/// The double nearest to a decimal number such as `-12.5e-3`, whatever the locale: sign, digits
/// with or without a point, exponent; spaces and tabs around it are passed over. Also inf, infinity
/// and nan, in any case, with or without a sign. Nothing if the text is anything else (hexadecimal,
/// too) or rounds to an infinity; what is too small for a double becomes 0. Cost: some 20 ns for up
/// to 15 digits and a small exponent, else that of strtod.
std::optional<double> parse_number(std::string_view text);

}  // namespace chainrule::nn

// Parses any bytes as a CSV table: this succeeds or throws FormatError, and the table's properties
// are consistent.
#pragma once

#include <cmath>
#include <stdexcept>
#include <string>
#include <string_view>

#include "autodiff/core/error.hpp"
#include "nn/data/csv.hpp"

namespace chainrule::fuzz {

/// The first byte selects the options.
inline void csv(std::string_view bytes) {
  const unsigned choice = bytes.empty() ? 0 : static_cast<unsigned char>(bytes.front());
  if (!bytes.empty()) bytes.remove_prefix(1);
  const nn::CsvOptions options{.separator = choice & 1 ? ';' : ',',
                               .header = (choice & 2) == 0,
                               .accept_non_finite = (choice & 4) != 0};
  const auto require = [](bool holds, const char* what) {
    if (!holds) throw std::logic_error(what);
  };
  try {
    const nn::Csv table = nn::parse_csv(bytes, options);
    require(table.columns() > 0, "a table without columns");
    // Writing the table and reading it again must give the same table.
    std::string text;
    const auto append_row = [&](auto field) {
      for (std::size_t i = 0; i < table.columns(); ++i) {
        if (i > 0) text += options.separator;
        const std::string written = nn::csv_field(field(i), options.separator);
        text += written.empty() ? "\"\"" : written;  // an empty line would be skipped
      }
      text += '\n';
    };
    if (options.header) append_row([&](std::size_t i) { return std::string(table.names()[i]); });
    for (std::size_t row = 0; row < table.rows(); ++row)
      append_row([&](std::size_t i) { return std::string(table.text(row, i)); });
    if (!text.empty()) {
      const nn::Csv again = nn::parse_csv(text, options);
      require(again.names() == table.names() && again.rows() == table.rows(), "another shape");
      for (std::size_t row = 0; row < table.rows(); ++row)
        for (std::size_t i = 0; i < table.columns(); ++i)
          require(again.text(row, i) == table.text(row, i), "another text");
    }
    for (const double number : table.numbers())
      require(options.accept_non_finite || std::isfinite(number), "not finite");
  } catch (const FormatError&) {
  }
}

}  // namespace chainrule::fuzz

#include "tests/support/table_lines.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <stdexcept>

namespace chainrule::testing {
namespace {

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" `"), last = text.find_last_not_of(" `");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

/// Calls f(number, cells, is_header) for each line of each table.
template <class F>
void for_each_table_line(const std::string& document, F f) {
  const std::string path = CHAINRULE_TEST_DATA "/../../docs/" + document;
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot open " + path);
  bool in_table = false;
  int number = 0;
  for (std::string text; std::getline(file, text);) {
    ++number;
    if (text.empty() || text[0] != '|') {
      in_table = false;
      continue;
    }
    if (text.rfind("|---", 0) == 0) continue;
    const std::vector<std::string> cells = split(text, '|');
    f(number, std::vector<std::string>(cells.begin() + 1, cells.end() - 1), !in_table);
    in_table = true;
  }
}

}  // namespace

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find(separator, begin)) != std::string::npos; begin = end + 1)
    parts.push_back(trimmed(text.substr(begin, end - begin)));
  parts.push_back(trimmed(text.substr(begin)));
  return parts;
}

std::vector<TableLine> read_table_lines(const std::string& document,
                                        const std::vector<std::string>& header) {
  std::vector<TableLine> lines;
  bool is_wanted = false;
  for_each_table_line(document, [&](int number, const auto& cells, bool is_header) {
    if (is_header) {
      is_wanted = cells == header;
    } else if (is_wanted) {
      if (cells.size() != header.size())
        throw std::runtime_error(document + ":" + std::to_string(number) + ": " +
                                 std::to_string(cells.size()) + " cells");
      lines.push_back({number, cells});
    }
  });
  return lines;
}

std::vector<std::vector<std::string>> table_headers(const std::string& document) {
  std::vector<std::vector<std::string>> headers;
  for_each_table_line(document, [&](int, const auto& cells, bool is_header) {
    if (is_header && std::find(headers.begin(), headers.end(), cells) == headers.end())
      headers.push_back(cells);
  });
  return headers;
}

bool same_number(double got, double expected) {
  if (std::isnan(expected)) return std::isnan(got);
  if (std::isinf(expected)) return got == expected;
  return got == expected || std::abs(got - expected) <= 1e-15 * std::abs(expected);
}

}  // namespace chainrule::testing

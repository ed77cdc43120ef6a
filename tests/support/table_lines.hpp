// The tables of the documents, for tests that hold them against the library.
#pragma once

#include <string>
#include <vector>

namespace chainrule::testing {

/// A line of a table: its number in the document, and its cells without the quotes of code.
struct TableLine {
  int number;
  std::vector<std::string> cells;
};

/// Every line of the tables in docs/<document> that have this header, in order. Throws
/// std::runtime_error, naming the line, for one that has not as many cells.
std::vector<TableLine> read_table_lines(const std::string& document,
                                        const std::vector<std::string>& header);
/// The headers of all tables of docs/<document>, each once.
std::vector<std::vector<std::string>> table_headers(const std::string& document);

/// The parts between separators, without blanks and backquotes around them.
std::vector<std::string> split(const std::string& text, char separator);

/// The same number: both NaN, or both this infinity, or equal to a few units in the last place.
bool same_number(double got, double expected);

}  // namespace chainrule::testing

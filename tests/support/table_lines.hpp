// Reads the tables of the documents, for tests that compare them with the library.
#pragma once

#include <string>
#include <vector>

namespace chainrule::testing {

/// A line of a table: its line number in the document, and its cells without backquotes.
struct TableLine {
  int number;
  std::vector<std::string> cells;
};

/// All lines of the tables in docs/<document> that have this header, in order. Throws
/// std::runtime_error, which names the line, if a line has a different number of cells.
std::vector<TableLine> read_table_lines(const std::string& document,
                                        const std::vector<std::string>& header);
/// The headers of all tables of docs/<document>, without duplicates.
std::vector<std::vector<std::string>> table_headers(const std::string& document);

/// The parts between separators, without surrounding blanks and backquotes.
std::vector<std::string> split(const std::string& text, char separator);

/// Whether two numbers agree: both NaN, the same infinity, or equal to a few units in the last
/// place.
bool same_number(double got, double expected);

}  // namespace chainrule::testing

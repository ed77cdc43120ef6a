#include "worked_example/network_file.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <optional>

namespace worked_example {
namespace {

std::string trimmed(const std::string& text) {
  constexpr const char* blank = " \t\r";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// The text as a number, if all of it is one.
std::optional<double> number(const std::string& text) {
  if (text.empty()) return {};
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (end != text.c_str() + text.size()) return {};
  return value;
}

/// The index of a given quantity among the quantities.
std::optional<int> given_index(const std::string& name) {
  for (int i = 0; i < given_count; ++i)
    if (quantities<double>[i].name == name) return i;
  return {};
}

}  // namespace

Network<double> read_network(const std::string& path) {
  std::ifstream file(path);
  Network<double> network;
  int defined_in[given_count] = {};  // the line that defines each quantity
  int line_number = 0;
  const auto fail = [&](const std::string& what) {
    throw chainrule::FormatError(fmt::format("{}:{}: {}", path, line_number, what));
  };

  for (std::string line; std::getline(file, line);) {
    ++line_number;
    if (line_number == 1 && line.starts_with("\xEF\xBB\xBF"))
      line.erase(0, 3);  // the byte order mark of some editors
    line = trimmed(line.substr(0, line.find('#')));
    if (line.empty()) continue;

    const std::size_t equals = line.find('=');
    if (equals == std::string::npos)
      fail(fmt::format("expected 'name = number', found '{}'", line));
    const std::string name = trimmed(line.substr(0, equals));
    const std::string text = trimmed(line.substr(equals + 1));

    const std::optional<int> index = given_index(name);
    if (!index)
      fail(
          fmt::format("unknown name '{}'; the names are i1, i2, w1 to w8, b1, b2, target_o1 and "
                      "target_o2",
                      name));
    if (defined_in[*index] != 0)
      fail(fmt::format("{} was given already, in line {}", name, defined_in[*index]));
    const std::optional<double> value = number(text);
    if (!value) fail(fmt::format("the value of {}, '{}', is not a number", name, text));
    if (!std::isfinite(*value))
      fail(fmt::format("the value of {}, '{}', is not finite", name, text));

    defined_in[*index] = line_number;
    network.*quantities<double>[*index].field = *value;
  }
  // A folder can be opened but not read; reaching the end of the file is not an error.
  if (!file.eof()) throw chainrule::FormatError(fmt::format("{}: cannot be read", path));
  return network;
}

}  // namespace worked_example

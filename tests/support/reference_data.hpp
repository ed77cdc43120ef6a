// Reads the reference numbers in tests/data.
#pragma once

#include <cmath>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace chainrule::testing {

using Json = nlohmann::json;

/// Reads a file of tests/data. A missing or malformed file is an error, not an empty test.
inline Json read_reference(const std::string& name) {
  const std::string path = std::string(CHAINRULE_TEST_DATA) + "/" + name;
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot open " + path);
  return Json::parse(file);
}

/// A number, or one of the texts "nan", "inf" and "-inf", which JSON cannot represent as numbers.
inline double number(const Json& x) {
  if (!x.is_string()) return x.get<double>();
  const std::string text = x.get<std::string>();
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (text == "inf") return std::numeric_limits<double>::infinity();
  if (text == "-inf") return -std::numeric_limits<double>::infinity();
  throw std::runtime_error("not a number: " + text);
}

inline std::vector<double> numbers(const Json& list) {
  std::vector<double> result;
  for (const Json& x : list) result.push_back(number(x));
  return result;
}

}  // namespace chainrule::testing

#include "nn/data/csv_columns.hpp"

#include <fmt/format.h>

#include <cmath>

#include "autodiff/core/error.hpp"

namespace chainrule::nn {
namespace {

/// Names as a line of CSV; empty if there are none.
std::string line_of(const std::vector<std::string>& names) {
  std::string line;
  for (const std::string& name : names)
    line += (line.empty() ? "" : ",") + (name.empty() ? "\"\"" : csv_field(name));
  return line;
}

std::vector<std::string> names_in(const std::string& line) {
  std::vector<std::string> names;
  if (line.empty()) return names;
  const Csv table = parse_csv(line, {.header = false}, "CsvColumns: names in a state");
  if (table.rows() != 1) throw FormatError("CsvColumns: a list of names in a state has line ends");
  for (std::size_t i = 0; i < table.columns(); ++i) names.emplace_back(table.text(0, i));
  return names;
}

}  // namespace

CsvColumns CsvColumns::features_only() const {
  CsvColumns result = *this;
  result.targets.clear();
  result.label.clear();
  result.weights.clear();
  result.extra.clear();
  result.drop_unlabelled = false;
  return result;
}

State CsvColumns::state() const {
  State state;
  state.texts = {{"features", line_of(features)},
                 {"targets", line_of(targets)},
                 {"label", label},
                 {"class_names", line_of(class_names)}};
  state.numbers = {{"missing", static_cast<double>(missing)},
                   {"integer_labels", integer_labels ? 1.0 : 0.0}};
  state.arrays = {{"fill", detail::array_of(fill)}};
  return state;
}

void CsvColumns::set_state(const State& given) {
  State wanted = state();
  const auto numbers = given.arrays.find("fill");
  if (numbers != given.arrays.end() && numbers->second.rank() == 1)
    wanted.arrays = {{"fill", numbers->second}};
  detail::check_state(wanted, given, "CsvColumns");
  const double kind = given.numbers.at("missing");
  if (!detail::is_count(kind) || kind > static_cast<double>(Missing::drop))
    throw FormatError(fmt::format("CsvColumns: the state's `missing` is {}", kind));
  const double integers = given.numbers.at("integer_labels");
  if (integers != 0.0 && integers != 1.0)
    throw FormatError(fmt::format("CsvColumns: the state's `integer_labels` is {}", integers));
  CsvColumns result = *this;
  result.integer_labels = integers == 1.0;
  result.features = names_in(given.texts.at("features"));
  result.targets = names_in(given.texts.at("targets"));
  result.label = given.texts.at("label");
  result.class_names = names_in(given.texts.at("class_names"));
  result.missing = static_cast<Missing>(static_cast<int>(kind));
  result.fill = detail::vector_of(numbers->second);
  *this = std::move(result);
}

}  // namespace chainrule::nn

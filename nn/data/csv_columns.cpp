#include "nn/data/csv_columns.hpp"

#include <fmt/format.h>

#include <cmath>

#include "autodiff/core/error.hpp"

namespace chainrule::nn {
namespace {

/// Names as a line of CSV; empty if there are none.
std::string line_of(const std::vector<std::string>& names) {
  std::string line;
  for (const std::string& name : names) {
    if (!line.empty()) line += ',';
    line += name.empty() ? "\"\"" : csv_field(name);
  }
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

/// The options of a table as texts and numbers of a state.
void write(const CsvOptions& csv, State& state) {
  const auto text_of_character = [](char c) { return c == '\0' ? "" : std::string(1, c); };
  state.texts.insert({{"separator", text_of_character(csv.separator)},
                      {"decimal", text_of_character(csv.decimal)},
                      {"comment", text_of_character(csv.comment)},
                      {"names", line_of(csv.names)},
                      {"missing_texts", line_of(csv.missing)}});
  state.numbers.insert({{"header", csv.header ? 1.0 : 0.0},
                        {"rename_duplicates", csv.rename_duplicates ? 1.0 : 0.0},
                        {"accept_numeric_names", csv.accept_numeric_names ? 1.0 : 0.0},
                        {"accept_non_finite", csv.accept_non_finite ? 1.0 : 0.0},
                        {"skip_lines", static_cast<double>(csv.skip_lines)}});
}

double count_in(const State& state, const char* name, double largest) {
  const double number = state.numbers.at(name);
  if (!detail::is_count(number) || number > largest)
    throw FormatError(fmt::format("CsvColumns: the state's `{}` is {}", name, number));
  return number;
}

bool flag_in(const State& state, const char* name) { return count_in(state, name, 1.0) == 1.0; }

char character_in(const State& state, const char* name) {
  const std::string& text = state.texts.at(name);
  if (text.size() > 1)
    throw FormatError(
        fmt::format("CsvColumns: the state's `{}` has {} characters, not one", name, text.size()));
  return text.empty() ? '\0' : text[0];
}

CsvOptions csv_in(const State& state) {
  CsvOptions csv;
  csv.separator = character_in(state, "separator");
  csv.decimal = character_in(state, "decimal");
  csv.comment = character_in(state, "comment");
  csv.names = names_in(state.texts.at("names"));
  csv.missing = names_in(state.texts.at("missing_texts"));
  csv.header = flag_in(state, "header");
  csv.rename_duplicates = flag_in(state, "rename_duplicates");
  csv.accept_numeric_names = flag_in(state, "accept_numeric_names");
  csv.accept_non_finite = flag_in(state, "accept_non_finite");
  csv.skip_lines = static_cast<std::int64_t>(count_in(state, "skip_lines", 1e15));
  return csv;
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
  write(csv, state);
  return state;
}

void CsvColumns::set_state(const State& given) {
  State wanted = state();
  const auto numbers = given.arrays.find("fill");
  if (numbers != given.arrays.end() && numbers->second.rank() == 1)
    wanted.arrays = {{"fill", numbers->second}};
  detail::check_state(wanted, given, "CsvColumns");
  CsvColumns result = *this;
  result.csv = csv_in(given);
  result.integer_labels = flag_in(given, "integer_labels");
  result.features = names_in(given.texts.at("features"));
  result.targets = names_in(given.texts.at("targets"));
  result.label = given.texts.at("label");
  result.class_names = names_in(given.texts.at("class_names"));
  result.missing = static_cast<Missing>(
      static_cast<int>(count_in(given, "missing", static_cast<double>(Missing::drop))));
  result.fill = detail::vector_of(numbers->second);
  *this = std::move(result);
}

}  // namespace chainrule::nn

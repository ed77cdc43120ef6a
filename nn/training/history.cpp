#include "nn/training/history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>

#include "autodiff/core/error.hpp"
#include "autodiff/core/files.hpp"
#include "nn/data/csv.hpp"
#include "nn/plot/curves.hpp"

namespace chainrule::nn {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr std::string_view validation_prefix = "val_";
constexpr const char* training_colour = "#2563eb";
constexpr const char* validation_colour = "#ea580c";

bool is_constant(const std::vector<double>& column) {
  return std::adjacent_find(column.begin(), column.end(), std::not_equal_to<>()) == column.end();
}

/// The title for a name: learning_rate becomes "learning rate".
std::string title_of(std::string_view name) {
  std::string words(name);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

}  // namespace

void History::append(const Readings& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i].name.empty()) throw DomainError("History::append: a number without a name");
    for (std::size_t j = 0; j < i; ++j)
      if (row[i].name == row[j].name)
        throw DomainError(fmt::format("History::append: two numbers named '{}'", row[i].name));
  }
  for (const Reading& reading : row) {
    if (has(reading.name)) continue;
    names_.emplace_back(reading.name);
    columns_.emplace_back(size_, missing);
  }
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const auto found = std::find_if(
        row.begin(), row.end(), [&](const Reading& reading) { return reading.name == names_[i]; });
    columns_[i].push_back(found == row.end() ? missing : found->value);
  }
  ++size_;
}

bool History::has(std::string_view name) const {
  return std::find(names_.begin(), names_.end(), name) != names_.end();
}

std::span<const double> History::operator[](std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end())
    throw DomainError(fmt::format("History: there is no column '{}'; the columns are: {}", name,
                                  fmt::join(names_, ", ")));
  return columns_[static_cast<std::size_t>(found - names_.begin())];
}

std::string History::csv() const {
  std::string text = "epoch";
  auto out = std::back_inserter(text);
  for (const std::string& name : names_) fmt::format_to(out, ",{}", csv_field(name));
  text += '\n';
  for (std::size_t row = 0; row < size_; ++row) {
    fmt::format_to(out, "{}", row + 1);
    for (const std::vector<double>& column : columns_)
      if (std::isnan(column[row]))
        text += ",nan";  // without the sign, which has no meaning
      else
        fmt::format_to(out, ",{}", column[row]);
    text += '\n';
  }
  return text;
}

void History::write_csv(const std::string& path) const { write_file_atomically(path, csv()); }

History History::read_csv(const std::string& path) {
  const Csv table = nn::read_csv(path, {.accept_non_finite = true});
  History history;
  history.size_ = table.rows();
  for (const std::string& name : table.names()) {
    if (name == "epoch") continue;
    history.names_.push_back(name);
    history.columns_.push_back(table.numbers(name));
  }
  return history;
}

std::string History::svg() const {
  std::vector<Panel> panels;
  const auto panel_of = [&](const std::string& title) -> Panel& {
    for (Panel& panel : panels)
      if (panel.title == title) return panel;
    panels.push_back({title, {}, title.ends_with("loss") ? Scale::automatic : Scale::linear});
    return panels.back();
  };
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const bool validation = names_[i].starts_with(validation_prefix);
    const std::string title =
        title_of(validation ? std::string_view(names_[i]).substr(validation_prefix.size())
                            : std::string_view(names_[i]));
    if (title == "seconds" || (title == "learning rate" && is_constant(columns_[i]))) continue;
    Curve curve{validation ? "validation" : "training",
                validation ? validation_colour : training_colour, columns_[i], 1.0};
    panel_of(title).curves.push_back(std::move(curve));
  }
  return svg_of(panels, "epoch");
}

void History::plot(const std::string& path) const { write_file_atomically(path, svg()); }

}  // namespace chainrule::nn

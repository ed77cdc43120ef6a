#include "nn/training/measured_columns.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace chainrule::nn::detail {

MeasuredColumns::MeasuredColumns(const TrainOptions& options) : names_{"loss"}, modes_{Mode::min} {
  for (const Metric& metric : options.metrics) {
    if (metric.name.empty()) throw DomainError("train: the name of a metric is empty");
    names_.push_back(metric.name);
    modes_.push_back(metric.mode);
  }
  const bool validates = !options.validation.empty();
  if (validates)
    for (std::size_t i = 0; i < modes_.size(); ++i) names_.push_back("val_" + names_[i]);

  const std::string monitor = !options.monitor.empty() ? options.monitor
                              : validates              ? "val_loss"
                                                       : "loss";
  const auto found = std::find(names_.begin(), names_.end(), monitor);
  if (found == names_.end())
    throw DomainError(fmt::format("train: cannot monitor '{}'; the columns are: {}", monitor,
                                  fmt::join(names_, ", ")));
  monitored_ = static_cast<std::size_t>(found - names_.begin());

  std::vector<std::string> columns = names_;
  columns.insert(columns.end(), {"learning_rate", "seconds", "epoch"});
  std::sort(columns.begin(), columns.end());
  if (const auto twice = std::adjacent_find(columns.begin(), columns.end()); twice != columns.end())
    throw DomainError(fmt::format("train: two columns of the history are named '{}'", *twice));
}

Mode MeasuredColumns::mode_for(std::optional<Mode> given, const char* option) const {
  const std::size_t column = monitored_ % modes_.size();
  const std::optional<Mode> known = modes_[column];
  if (!known && !given)
    throw DomainError(fmt::format(
        "train: {} monitors '{}', of which it is not known whether larger or smaller values are "
        "better. Say it with the metric: {{\"{}\", f, nn::Mode::max}}, or nn::Mode::min.",
        option, monitored(), names_[column]));
  if (known && given && *known != *given)
    throw DomainError(fmt::format(
        "train: the mode of {} is {}, but the best values of '{}' are the {}. Leave the mode out.",
        option, name_of(*given), monitored(), *known == Mode::max ? "largest" : "smallest"));
  return known ? *known : *given;
}

}  // namespace chainrule::nn::detail

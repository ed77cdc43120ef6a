// The measured columns of a training's history, and the one that is monitored.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nn/training/train.hpp"

namespace chainrule::nn::detail {

class MeasuredColumns {
 public:
  /// Throws DomainError if two columns have one name, or the monitored one does not exist.
  explicit MeasuredColumns(const TrainOptions& options);

  /// Loss and metrics; then the same with val_, if there is a validation set.
  const std::vector<std::string>& names() const { return names_; }
  /// The number of columns of the training set.
  std::size_t training() const { return modes_.size(); }
  const std::string& monitored() const { return names_[monitored_]; }
  std::size_t monitored_index() const { return monitored_; }

  /// The options of early stopping or plateau with the mode of the monitored column. Throws
  /// DomainError if that is not known, or if the options have another one.
  template <class Options>
  Options with_mode(Options options, const char* name) const {
    options.mode = mode_for(options.mode, name);
    return options;
  }

 private:
  Mode mode_for(std::optional<Mode> given, const char* option) const;

  std::vector<std::string> names_;
  std::vector<std::optional<Mode>> modes_;  // of loss and metrics
  std::size_t monitored_ = 0;
};

}  // namespace chainrule::nn::detail

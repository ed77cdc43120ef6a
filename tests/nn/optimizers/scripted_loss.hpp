// L-BFGS on a loss whose values and slopes are given, evaluation by evaluation.
#pragma once

#include <cstddef>
#include <vector>

#include "nn/optimizers/lbfgs.hpp"

namespace chainrule::testing {

/// The value and the gradient of a loss at one point.
struct Answer {
  double loss;
  std::vector<double> slope;
};

/// A parameter that starts at zero, an optimiser of it, and a loss that gives the next answer at
/// each evaluation, wherever that is. More evaluations than answers are an error.
class ScriptedLoss {
 public:
  ScriptedLoss(const nn::LbfgsOptions& options, std::vector<Answer> answers)
      : answers_(std::move(answers)),
        w(zeros({static_cast<std::int64_t>(answers_.front().slope.size())})),
        optimizer(nn::Parameters{w}, options) {}

  double step() {
    return optimizer.step([&] {
      const Answer& answer = answers_.at(trials.size());
      trials.push_back(w.value().element(0));
      const Tensor here(w.value());
      return answer.loss + sum(tensor(answer.slope) * (w() - here));
    });
  }
  double end() const { return w.value().element(0); }
  double pairs() const { return optimizer.state().numbers.at("pairs"); }

 private:
  std::vector<Answer> answers_;

 public:
  std::vector<double> trials;  ///< the first element of each point at which the loss was evaluated
  nn::Parameter w;
  nn::Lbfgs optimizer;
};

}  // namespace chainrule::testing

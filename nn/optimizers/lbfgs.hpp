// L-BFGS: a quasi-Newton method for deterministic losses.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "nn/optimizers/optimizer.hpp"

namespace chainrule::nn {

struct LbfgsOptions {
  double learning_rate = 1.0;         ///< initial step length of a line search
  std::int64_t max_iterations = 20;   ///< per call of step()
  std::int64_t max_evaluations = 25;  ///< per call; a line search that has started is finished
  double tolerance_gradient = 1e-7;   ///< stop if no element of the gradient is larger
  double tolerance_change = 1e-9;     ///< stop if loss and parameters change by less
  std::int64_t history = 10;          ///< number of (step, gradient change) pairs kept
  bool strong_wolfe = true;           ///< line search; if false, one step of learning_rate
};

/// Limited-memory BFGS with a line search for the strong Wolfe conditions (Nocedal and Wright 2006,
/// algorithms 7.4, 3.5 and 3.6; c1 = 1e-4, c2 = 0.9). A search evaluates the loss at most 25 times;
/// from one trial to the next it increases the step at most 10 times. Since it evaluates the loss
/// at several points, step() takes a function that records it:
///
///   double loss = optimizer.step([&] { return nn::mse(model(x), y); });
///
/// The history is kept in double precision, whatever the element type of the parameters. With
/// train(), a step uses all rows of the dataset.
class Lbfgs final : public Optimizer {
 public:
  /// Throws DomainError for an option out of its range.
  explicit Lbfgs(Parameters parameters, const LbfgsOptions& options = {});
  template <detail::MistakenOptions Mistaken = detail::PyTorchOptions>
  Lbfgs(const Parameters&, const Mistaken&) = delete;  // write {.learning_rate = 0.1}

  /// Runs up to max_iterations iterations and returns the loss before them. The function returns
  /// the loss as a Var or a Tensor of one element, recorded into the current graph. If it throws,
  /// parameters and optimiser are as before. Throws DomainError if the loss is finite but its
  /// gradient is not.
  template <class F>
  double step(F&& record_loss) {
    return minimise([&](bool) {
      Graph graph;
      const auto loss = record_loss();
      return Slope{number_of(loss), gradients(gradient(loss))};
    });
  }
  void step_by(const Evaluate& evaluate) override { minimise(evaluate); }
  bool searches() const override { return true; }

  std::size_t group_count() const override { return 1; }
  const char* name() const override { return "Lbfgs"; }
  /// The number of evaluations of the loss so far.
  std::int64_t evaluations() const { return evaluations_; }

  State state() const override;
  void set_state(const State& state) override;

 private:
  using Vector = std::vector<double>;
  /// A point of a line search.
  struct Point {
    double t = 0.0, loss = 0.0, slope = 0.0;
    Vector gradient;
  };
  struct Pair {
    Vector step, change;
  };

  static double number_of(const Var& loss) { return loss.value(); }
  static double number_of(const Tensor& loss) { return loss.item(); }
  double& rate(std::size_t) override { return options_.learning_rate; }
  void check_rate(double rate) const override;
  Vector flat(const Gradients& gradients) const;
  Vector current_point() const;
  void move_to(const Vector& x);
  double minimise(const Evaluate& evaluate);
  void remember(const Vector& gradient);
  Vector direction_at(const Vector& gradient) const;
  Point search(const Evaluate& evaluate, const Vector& from, const Point& start, double t);
  Point evaluate_at(const Evaluate& evaluate, const Vector& from, double t, bool is_trial = true);
  double iterate(const Evaluate& evaluate);

  LbfgsOptions options_;
  std::deque<std::shared_ptr<const Pair>> pairs_;  // shared, so that a copy is cheap
  Vector direction_, gradient_;                    // of the last iteration
  double t_ = 0.0;                                 // its step length
  std::int64_t iterations_ = 0, evaluations_ = 0;
};

}  // namespace chainrule::nn

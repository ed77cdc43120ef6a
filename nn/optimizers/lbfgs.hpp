// L-BFGS: a quasi-Newton method for losses without noise.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "nn/model/module.hpp"
#include "nn/optimizers/gradients.hpp"

namespace chainrule::nn {

struct LbfgsOptions {
  double learning_rate = 1.0;         ///< the first step that a line search tries
  std::int64_t max_iterations = 20;   ///< in one call of step()
  std::int64_t max_evaluations = 25;  ///< in one call; a line search begun is finished
  double tolerance_gradient = 1e-7;   ///< ends where no element of the gradient is larger
  double tolerance_change = 1e-9;     ///< ends where loss and parameters change less
  std::int64_t history = 10;          ///< pairs of steps and changes of gradient to remember
  bool strong_wolfe = true;           ///< search along the line; else one step of learning_rate
};

/// Limited-memory BFGS with a line search to the strong Wolfe conditions (Nocedal and Wright 2006,
/// algorithms 7.4, 3.5 and 3.6; c1 = 1e-4, c2 = 0.9). It needs the loss at several points, so it
/// is given a function that records it:
///
///   double loss = optimizer.step([&] { return nn::mse(model(x), y); });
///
/// The history is kept in double precision whatever the parameters are.
class Lbfgs {
 public:
  /// Throws DomainError, naming the option, for one out of its range.
  explicit Lbfgs(Parameters parameters, const LbfgsOptions& options = {});

  /// Up to max_iterations iterations; returns the loss before them. The function returns the loss
  /// as a Var or a Tensor of one element, recorded into the graph that is alive when it is called.
  template <class F>
  double step(F&& record_loss) {
    return minimise([&](std::vector<double>& slope) {
      Graph graph;
      const auto loss = record_loss();
      collect(gradient(loss), slope);
      return number_of(loss);
    });
  }

  const Parameters& parameters() const { return parameters_; }
  double learning_rate() const { return options_.learning_rate; }
  /// Throws DomainError for a rate that is not positive and finite.
  void set_learning_rate(double rate);
  /// Evaluations of the loss so far.
  std::int64_t evaluations() const { return evaluations_; }

  /// All there is to continue with.
  State state() const;
  /// Takes it over. Throws FormatError, and changes nothing, unless it fits.
  void set_state(const State& state);

 private:
  using Vector = std::vector<double>;
  using Evaluate = std::function<double(Vector& gradient)>;
  /// A place on the line that is searched.
  struct Point {
    double t = 0.0, loss = 0.0, slope = 0.0;
    Vector gradient;
  };
  struct Pair {
    Vector step, change;
  };

  static double number_of(const Var& loss) { return loss.value(); }
  static double number_of(const Tensor& loss) { return loss.item(); }
  void collect(const Gradient& gradient, Vector& flat) const;
  Vector place() const;
  void move_to(const Vector& x);
  double minimise(const Evaluate& evaluate);
  void remember(const Vector& gradient);
  Vector direction_at(const Vector& gradient) const;
  Point search(const Evaluate& evaluate, const Vector& from, const Point& start, double t);
  Point evaluate_at(const Evaluate& evaluate, const Vector& from, double t);

  Parameters parameters_;
  LbfgsOptions options_;
  std::deque<Pair> pairs_;
  Vector direction_, gradient_;  // of the last iteration
  double t_ = 0.0;               // and how far it went
  std::int64_t iterations_ = 0, evaluations_ = 0;
};

}  // namespace chainrule::nn

#include "worked_example/training.hpp"

#include <fmt/format.h>

#include <cmath>

namespace worked_example {
namespace {

using chainrule::Gradient;
using chainrule::Var;

constexpr int w1 = 0, w5 = 4, b1 = 8, b2 = 9;  // indices among the quantities

/// Updates the parameters first..last - 1 by gradient descent.
void descend(Network<double>& network, const Network<Var>& n, const Gradient& gradient, double rate,
             int first, int last) {
  for (int i = first; i < last; ++i)
    network.*quantities<double>[i].field -= rate * gradient[n.*quantities<Var>[i].field];
}

void step_as_the_text_says(Network<double>& network, const Training& training) {
  const Network<Var> n = record_unnamed(network);
  const int last = training.biases ? parameter_count : weight_count;
  descend(network, n, gradient(n.E_total), training.rate, 0, last);
}

void step_layer_by_layer(Network<double>& network, const Training& training) {
  const Network<Var> n = record_unnamed(network);
  const Gradient total = gradient(n.E_total);
  descend(network, n, total, training.rate, w5, weight_count);
  if (training.biases) descend(network, n, total, training.rate, b2, b2 + 1);

  // Recomputes the output neurons from their changed weights, as plain numbers, and the old hidden
  // outputs. The old deltas dE_total/dnet_o are the seeds that are propagated back through them: a
  // vector-Jacobian product.
  const Var outputs[] = {network.w5 * n.out_h1 + network.w6 * n.out_h2 + network.b2,
                         network.w7 * n.out_h1 + network.w8 * n.out_h2 + network.b2};
  const double deltas[] = {total[n.net_o1], total[n.net_o2]};
  const Gradient hidden = gradient(outputs, deltas);
  descend(network, n, hidden, training.rate, w1, w5);
  if (training.biases) descend(network, n, hidden, training.rate, b1, b1 + 1);
}

void check_finite(const Network<double>& network, std::int64_t updates) {
  for (int i = 0; i < parameter_count; ++i) {
    const double value = network.*quantities<double>[i].field;
    if (!std::isfinite(value))
      throw chainrule::DomainError(
          fmt::format("training: {} is {} after update {}; try a smaller --rate",
                      quantities<double>[i].name, value, updates));
  }
}

}  // namespace

void train(Network<double> network, Rule rule, const Training& training, const Observer& observe) {
  chainrule::Graph graph;  // one graph for all steps: clear() keeps its memory
  observe(0, network);
  for (std::int64_t done = 1; done <= training.steps; ++done) {
    graph.clear();
    if (rule == Rule::as_the_text_says)
      step_as_the_text_says(network, training);
    else
      step_layer_by_layer(network, training);
    check_finite(network, done);
    observe(done, network);
  }
}

}  // namespace worked_example

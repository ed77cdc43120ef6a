// The network of the step-by-step backpropagation tutorial (see worked_example.cpp), built from the
// parts of the nn layer: layers, a loss, an optimiser. Compares the results with the numbers of the
// page or, if it has none, with those that worked_example computes neuron by neuron. Also draws the
// model. Exits with status 1 if any two numbers disagree.
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <string_view>

#include "nn/nn.hpp"

namespace {

using namespace chainrule;

const Tensor inputs = tensor({{0.05, 0.10}}), targets = tensor({{0.01, 0.99}});

/// In the tutorial all neurons of a layer share one bias: a single number that broadcasts. The bias
/// of a Linear would have one number per neuron.
nn::Sequential make_network() {
  nn::Sequential network{nn::Linear(2, 2, {.bias = false}), nn::Bias({1}), nn::Sigmoid(),
                         nn::Linear(2, 2, {.bias = false}), nn::Bias({1}), nn::Sigmoid()};
  network.at<nn::Linear>(0).weight.set_value(tensor({{0.15, 0.20}, {0.25, 0.30}}));  // w1 to w4
  network.at<nn::Bias>(1).bias.set_value(tensor({0.35}));                            // b1
  network.at<nn::Linear>(3).weight.set_value(tensor({{0.40, 0.45}, {0.50, 0.55}}));  // w5 to w8
  network.at<nn::Bias>(4).bias.set_value(tensor({0.60}));                            // b2
  return network;
}

/// The tutorial does not train the biases.
void freeze_biases(nn::Sequential& network) {
  network[1].freeze();
  network[4].freeze();
}

// ---- The table ----------------------------------------------------------------------------------

int disagreeing = 0;

void heading(std::string_view text, std::string_view column = "tutorial") {
  fmt::print("\n{:<34}{:>15}  {:>15}  agree\n", text, column, "nn");
}

/// Compares a number printed elsewhere, truncated or rounded, with ours.
void row(std::string_view quantity, const char* printed, double ours) {
  const std::string_view digits(printed);
  const int places = static_cast<int>(digits.size() - digits.find('.') - 1);
  const bool agrees = std::fabs(ours - std::strtod(printed, nullptr)) < std::pow(10.0, -places);
  if (!agrees) ++disagreeing;
  fmt::print("  {:<32}{:>15}  {:>15.{}f}  {}\n", quantity, printed, ours, places,
             agrees ? "yes" : "NO");
}

// ---- The first step -----------------------------------------------------------------------------

void first_step() {
  nn::Sequential network = make_network();
  const nn::Parameter weight14 = network.at<nn::Linear>(0).weight;
  const nn::Parameter weight58 = network.at<nn::Linear>(3).weight;
  const nn::Parameter b1 = network.at<nn::Bias>(1).bias, b2 = network.at<nn::Bias>(4).bias;

  const Graph graph;
  const Tensor out = network(inputs).named("out");
  const Tensor E_total = nn::half_squared_error(out, targets).named("E_total");
  const Gradient d = gradient(E_total);
  heading("Forward pass");
  row("out_o1", "0.75136507", out.at({0, 0}));
  row("out_o2", "0.772928465", out.at({0, 1}));
  row("E_total", "0.298371109", E_total.item());
  heading("Backward pass");
  row("dE_total/dout_o1", "0.74136507", d[out].at({0, 0}));
  row("dE_total/dw5", "0.082167041", d[weight58].at({0, 0}));
  row("dE_total/dw1", "0.000438568", d[weight14].at({0, 0}));
  heading("The biases, shared by a layer", "worked_example");
  row("dE_total/db1", "0.0187256093947", d[b1].item());
  row("dE_total/db2", "0.100400325112", d[b2].item());

  network.name_nodes();
  const DotOptions picture{.title = "One step: every number and its gradient"};
  write_dot(E_total, d, "worked_example_nn.dot", picture);
  if (has_graphviz()) render(E_total, d, "worked_example_nn.svg", picture);

  freeze_biases(network);
  nn::Sgd(network.parameters(), {.learning_rate = 0.5}).step(d);
  const std::vector<double> w14 = to_vector(weight14.value()), w58 = to_vector(weight58.value());
  heading("Updated weights");
  row("w1 after the step", "0.149780716", w14[0]);
  row("w2 after the step", "0.19956143", w14[1]);
  row("w3 after the step", "0.24975114", w14[2]);
  row("w4 after the step", "0.29950229", w14[3]);
  row("w5 after the step", "0.35891648", w58[0]);
  row("w6 after the step", "0.408666186", w58[1]);
  row("w7 after the step", "0.511301270", w58[2]);
  row("w8 after the step", "0.561370121", w58[3]);
  row("b1, frozen", "0.35", to_vector(b1.value())[0]);
  row("b2, frozen", "0.60", to_vector(b2.value())[0]);
}

// ---- Training -----------------------------------------------------------------------------------

/// Computes all gradients with the old weights, as the page's text says: standard training.
void as_the_text_says(nn::Sequential& network, std::int64_t steps) {
  nn::Sgd optimizer(network.parameters(), {.learning_rate = 0.5});
  nn::train(network, nn::half_squared_error, optimizer, nn::Dataset(inputs, targets),
            {.epochs = steps, .progress = {.style = nn::ProgressStyle::quiet}});
}

/// Reproduces the page's figures: updates the output layer first, then backpropagates the old
/// deltas, as seeds, through its new weights.
void layer_by_layer(nn::Sequential& network, std::int64_t steps) {
  nn::Sgd outer(network[3].parameters(), {.learning_rate = 0.5});
  nn::Sgd inner(network[0].parameters(), {.learning_rate = 0.5});
  const auto net_of = [&](const Tensor& out_h) { return network[4](network[3](out_h)); };
  for (std::int64_t step = 0; step < steps; ++step) {
    const Graph graph;
    const Tensor out_h = network[2](network[1](network[0](inputs)));
    const Tensor net_o = net_of(out_h);
    const Gradient d = gradient(nn::half_squared_error(network[5](net_o), targets));
    outer.step(d);
    const Tensor outputs[] = {net_of(out_h)}, deltas[] = {d[net_o]};
    inner.step(gradient(outputs, deltas));
  }
}

void after(std::int64_t steps, void (*train)(nn::Sequential&, std::int64_t),
           const std::vector<const char*>& printed) {
  nn::Sequential network = make_network();
  freeze_biases(network);
  train(network, steps);
  const Tensor out = network(inputs);
  const double values[] = {nn::half_squared_error(out, targets).item(), out.at({0, 0}),
                           out.at({0, 1})};
  const char* const names[] = {"E_total", "out_o1", "out_o2"};
  for (std::size_t i = 0; i < printed.size(); ++i)
    row(fmt::format("{} after {} step{}", names[i], steps, steps == 1 ? "" : "s"), printed[i],
        values[i]);
}

}  // namespace

int main() {
  fmt::print("A 2-2-2 network as an nn model\n");
  first_step();
  heading("Training as the text says", "worked_example");
  after(1, as_the_text_says, {"0.291027774"});
  after(9'999, as_the_text_says, {"0.0000351085"});
  after(10'000, as_the_text_says, {"0.000035102", "0.015913620", "0.984064274"});
  heading("Training layer by layer");
  after(1, layer_by_layer, {"0.291027924"});
  after(10'000, layer_by_layer, {"0.000035085", "0.015912196", "0.984065734"});
  fmt::print("\n{}\n", disagreeing == 0 ? "All numbers agree." : "Some numbers disagree.");
  return disagreeing == 0 ? 0 : 1;
}

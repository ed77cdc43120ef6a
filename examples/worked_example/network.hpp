// The tutorial's network, neuron by neuron, with the tutorial's name for every quantity.
#pragma once

#include <string_view>

#include "autodiff/autodiff.hpp"

namespace worked_example {

/// Every quantity of the network, as a number (T = double) or on a graph (T = chainrule::Var).
template <class T>
struct Network {
  T i1 = 0.05, i2 = 0.10;                        // inputs
  T w1 = 0.15, w2 = 0.20, w3 = 0.25, w4 = 0.30;  // inputs to hidden neurons
  T w5 = 0.40, w6 = 0.45, w7 = 0.50, w8 = 0.55;  // hidden to output neurons
  T b1 = 0.35, b2 = 0.60;                        // one bias per layer, shared by its neurons
  T target_o1 = 0.01, target_o2 = 0.99;          // the desired outputs
  T net_h1{}, net_h2{}, out_h1{}, out_h2{};      // the rest is computed by forward()
  T net_o1{}, net_o2{}, out_o1{}, out_o2{}, E_o1{}, E_o2{}, E_total{};
};

/// Computes the network from its inputs, weights, biases and targets. `note(name, x)` is called for
/// every computed quantity, and the network continues with its return value.
template <class T, class Note>
void forward(Network<T>& n, Note note) {
  using chainrule::sigmoid, chainrule::square;
  n.net_h1 = note("net_h1", n.w1 * n.i1 + n.w2 * n.i2 + n.b1);
  n.net_h2 = note("net_h2", n.w3 * n.i1 + n.w4 * n.i2 + n.b1);
  n.out_h1 = note("out_h1", sigmoid(n.net_h1));
  n.out_h2 = note("out_h2", sigmoid(n.net_h2));
  n.net_o1 = note("net_o1", n.w5 * n.out_h1 + n.w6 * n.out_h2 + n.b2);
  n.net_o2 = note("net_o2", n.w7 * n.out_h1 + n.w8 * n.out_h2 + n.b2);
  n.out_o1 = note("out_o1", sigmoid(n.net_o1));
  n.out_o2 = note("out_o2", sigmoid(n.net_o2));
  n.E_o1 = note("E_o1", 0.5 * square(n.target_o1 - n.out_o1));
  n.E_o2 = note("E_o2", 0.5 * square(n.target_o2 - n.out_o2));
  n.E_total = note("E_total", n.E_o1 + n.E_o2);
}

/// A quantity: its name and its member of Network.
template <class T>
struct Quantity {
  std::string_view name;
  T Network<T>::*field;
};
template <class T>
inline constexpr Quantity<T> quantities[] = {
    {"w1", &Network<T>::w1},
    {"w2", &Network<T>::w2},
    {"w3", &Network<T>::w3},
    {"w4", &Network<T>::w4},
    {"w5", &Network<T>::w5},
    {"w6", &Network<T>::w6},
    {"w7", &Network<T>::w7},
    {"w8", &Network<T>::w8},
    {"b1", &Network<T>::b1},
    {"b2", &Network<T>::b2},
    {"i1", &Network<T>::i1},
    {"i2", &Network<T>::i2},
    {"target_o1", &Network<T>::target_o1},
    {"target_o2", &Network<T>::target_o2},
    {"net_h1", &Network<T>::net_h1},
    {"net_h2", &Network<T>::net_h2},
    {"out_h1", &Network<T>::out_h1},
    {"out_h2", &Network<T>::out_h2},
    {"net_o1", &Network<T>::net_o1},
    {"net_o2", &Network<T>::net_o2},
    {"out_o1", &Network<T>::out_o1},
    {"out_o2", &Network<T>::out_o2},
    {"E_o1", &Network<T>::E_o1},
    {"E_o2", &Network<T>::E_o2},
    {"E_total", &Network<T>::E_total},
};
inline constexpr int weight_count = 8;      // the first quantities: w1 to w8,
inline constexpr int parameter_count = 10;  // then the biases: all that training can change,
inline constexpr int variable_count = 12;   // then the inputs: all that derivatives can be taken
                                            // with respect to,
inline constexpr int given_count = 14;      // then the targets: all given quantities

template <class T>
T Network<T>::*field(std::string_view name) {
  for (const Quantity<T>& quantity : quantities<T>)
    if (quantity.name == name) return quantity.field;
  throw chainrule::Error("no quantity is called " + std::string(name));
}

/// Records the network on the current graph: every quantity is a node with its name; targets are
/// plain constants.
Network<chainrule::Var> record(const Network<double>& given);

/// The same without names, for training: names take time, and are not used there.
Network<chainrule::Var> record_unnamed(const Network<double>& given);

/// Evaluates the network with plain numbers.
Network<double> evaluate(const Network<double>& given);

/// Evaluates the network with plain numbers and one quantity, given or computed, fixed at x: what
/// depends on it is computed from x, as if x were a free variable.
Network<double> evaluate_holding(const Network<double>& given, std::string_view held, double x);

}  // namespace worked_example

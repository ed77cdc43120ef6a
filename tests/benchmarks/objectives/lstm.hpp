// The loss of a stack of elementwise LSTM layers predicting the next input: the LSTM objective of
// the public ADBench benchmark, written once for plain numbers and for recording scalars.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "number_file.hpp"

namespace chainrule::objectives {

/// One input. Shapes, with L layers, C steps and width b, all row-major:
///   parameters  main[L][2][4][b], per layer weights then biases, each of the forget, in, out and
///               change gates; then extra[3][b], input weight, output weight, output bias;
///   state       initial[L][2][b], per layer hidden then cell;
///   inputs      x[C][b].
struct LstmData {
  std::size_t layers = 0, steps = 0, width = 0;
  std::vector<double> parameters, state, inputs;
};

/// Reads `lstm_lL_cC.txt`. Throws std::runtime_error, with the path and what is missing.
inline LstmData read_lstm(const std::string& path) {
  NumberFile file(path);
  LstmData data;
  data.layers = file.size("the number of layers");
  data.steps = file.size("the number of steps");
  data.width = file.size("the width");
  if (data.steps < 2) file.fail("a prediction needs at least two steps");
  file.append(data.parameters, data.layers * 8 * data.width, "the main parameters");
  file.append(data.parameters, 3 * data.width, "the extra parameters");
  file.append(data.state, data.layers * 2 * data.width, "the initial state");
  file.append(data.inputs, data.steps * data.width, "the inputs");
  file.expect_end();
  return data;
}

/// The logistic function, as a formula.
template <class T>
T logistic(const T& x) {
  using std::exp;
  return 1.0 / (1.0 + exp(-x));
}

/// One step of one layer, elementwise, from its input x to its new hidden h, which replaces x:
///   f = logistic(x w_f + b_f), i = logistic(h w_i + b_i), o = logistic(x w_o + b_o),
///   g = tanh(h w_g + b_g), c <- c f + i g, h <- o tanh(c).
/// `main` is the layer's [2][4][b], `state` its [2][b].
template <class T>
void lstm_layer(std::size_t b, const T* main, T* state, T* x) {
  using std::tanh;
  const T* const weight = main;
  const T* const bias = main + 4 * b;
  T* const h = state;
  T* const c = state + b;
  for (std::size_t j = 0; j < b; ++j) {
    const T forget = logistic<T>(x[j] * weight[j] + bias[j]);
    const T in = logistic<T>(h[j] * weight[b + j] + bias[b + j]);
    const T out = logistic<T>(x[j] * weight[2 * b + j] + bias[2 * b + j]);
    const T change = tanh(h[j] * weight[3 * b + j] + bias[3 * b + j]);
    c[j] = c[j] * forget + in * change;
    const T hidden = out * tanh(c[j]);
    h[j] = hidden;
    x[j] = hidden;
  }
}

/// The objective; `parameters` has the shape of data.parameters. At every step but the last, the
/// layers map x = input w_in to h, and with the prediction y = h w_out + b_out
///   loss = -sum over steps of (y - log(sum exp(y) + 2)) . (next input) / (b (C - 1)).
template <class T>
T lstm(const LstmData& data, std::span<const T> parameters) {
  using std::exp, std::log;
  const std::size_t b = data.width;
  if (parameters.size() != data.parameters.size())
    throw std::invalid_argument("lstm: the parameters do not have the shape of the data's");
  const T* const main = parameters.data();
  const T* const input_weight = main + data.layers * 8 * b;
  const T* const output_weight = input_weight + b;
  const T* const output_bias = output_weight + b;

  std::vector<T> state(data.state.begin(), data.state.end()), x(b), y(b);
  T total = 0.0;
  for (std::size_t step = 0; step + 1 < data.steps; ++step) {
    const double* const input = data.inputs.data() + step * b;
    const double* const next = input + b;
    for (std::size_t j = 0; j < b; ++j) x[j] = input[j] * input_weight[j];
    for (std::size_t layer = 0; layer < data.layers; ++layer)
      lstm_layer(b, main + layer * 8 * b, state.data() + layer * 2 * b, x.data());

    T sum = 2.0;
    for (std::size_t j = 0; j < b; ++j) {
      y[j] = x[j] * output_weight[j] + output_bias[j];
      sum += exp(y[j]);
    }
    const T normaliser = log(sum);
    for (std::size_t j = 0; j < b; ++j) total += (y[j] - normaliser) * next[j];
  }
  return -total / static_cast<double>(b * (data.steps - 1));
}

}  // namespace chainrule::objectives

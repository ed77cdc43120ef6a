// A program that includes every installed header, uses both namespaces, and uses names that exist
// in both. CMake writes all_headers.hpp.
#include "all_headers.hpp"

using namespace chainrule;
using namespace chainrule::nn;

int main() {
  const Sequential model{Linear(2, 4),  LayerNorm(4), Tanh(),       Sigmoid(),    Relu(),
                         Relu6(),       LeakyRelu(),  Elu(),        Celu(),       Selu(),
                         Gelu(),        GeluTanh(),   Silu(),       Mish(),       Softplus(),
                         Logsigmoid(),  Logit(),      Softsign(),   Tanhshrink(), Hardtanh(),
                         Hardsigmoid(), Hardswish(),  Softshrink(), Hardshrink(), Linear(4, 2)};
  const Sequential classifier{Linear(2, 2), Softmax()}, logarithmic{Linear(2, 2), LogSoftmax()};
  const CrossEntropyOptions options{.label_smoothing = 0.1, .reduction = Reduction::sum};
  const Schedule schedule = Exponential(0.5);
  const Tensor x = ones({3, 2});
  Graph graph;
  const Tensor p = classifier(x), q = logarithmic(x);
  const double loss = cross_entropy(p, Indices{0, 1, 1}, options).item() + nll(q, {0, 1, 1}).item();
  const bool has_sizes = size_of(DType::float32) == 4 && element_bytes(IdxType::float64) == 8;
  return model.size() == 25 && loss > 0.0 && schedule.rate(1.0, 1) == 0.5 && has_sizes ? 0 : 1;
}

// A user of the installed package. It computes d(x y + sin x)/dx = y + cos x; trains a network on
// xor, which uses matrix products and the elementwise loops; and tries to read a missing file and
// to draw a picture, which uses everything the package links with.
#include <autodiff/autodiff.hpp>
#include <cmath>
#include <nn/nn.hpp>

using namespace chainrule;

namespace {

bool slope_is_right() {
  Graph graph;
  const Var x = variable(2.0, "x"), y = variable(3.0, "y");
  return std::abs(gradient(x * y + sin(x))[x] - (3.0 + std::cos(2.0))) < 1e-15;
}

bool learns() {
  Random random(1);
  const DType dtype = DType::float32;
  nn::Sequential model{nn::Linear(2, 8, {.dtype = dtype, .random = &random}), nn::Tanh(),
                       nn::Linear(8, 2, {.dtype = dtype, .random = &random})};
  nn::Adam optimizer(model.parameters(), {.learning_rate = 0.1});
  const Tensor input = tensor({{0, 0}, {0, 1}, {1, 0}, {1, 1}}, dtype);
  const Indices labels{0, 1, 1, 0};
  double loss_value = 0.0;
  for (int step = 0; step < 100; ++step) {
    Graph graph;
    const Var loss = nn::cross_entropy(model(input), labels);
    loss_value = loss.value();
    optimizer.step(gradient(loss));
  }
  return loss_value < 0.05;
}

bool missing_file_is_an_error() {
  try {
    nn::read_idx("there/is/no/such/file");
  } catch (const FormatError&) {
    return true;
  }
  return false;
}

bool draws_or_says_why_not() {
  Graph graph;
  try {
    render(exp(variable(1.0, "x")), "picture.svg");
    return has_graphviz();
  } catch (const FormatError&) {
    return !has_graphviz();
  }
}

}  // namespace

int main() {
  return slope_is_right() && learns() && missing_file_is_an_error() && draws_or_says_why_not() ? 0
                                                                                               : 1;
}

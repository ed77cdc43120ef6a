// A function with a C interface that uses scalars, tensors and threads of chainrule.
#include <autodiff/autodiff.hpp>

extern "C" double slope_of_sum_of_squares(double x) try {
  using namespace chainrule;
  Graph graph;
  const Tensor v = variable(full({100, 100}, x));
  return gradient(sum(matmul(v, v)))[v].at({0, 0});
} catch (...) {
  return -1.0;
}

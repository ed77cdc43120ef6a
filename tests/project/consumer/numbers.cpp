// The smallest program: the gradient of a square.
#include <autodiff/autodiff.hpp>
#include <cstdio>

int main() {
  chainrule::Graph graph;
  const chainrule::Var x = chainrule::variable(3.0);
  const double slope = chainrule::gradient(x * x)[x];
  std::printf("%g\n", slope);
  return slope == 6.0 ? 0 : 1;
}

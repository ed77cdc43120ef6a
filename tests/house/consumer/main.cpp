// A user of the installed package: d(x y + sin x)/dx = y + cos x, and a file that is not there,
// which takes everything the package links with.
#include <autodiff/autodiff.hpp>
#include <cmath>
#include <nn/data/idx.hpp>

int main() {
  chainrule::Graph graph;
  const chainrule::Var x = chainrule::variable(2.0, "x");
  const chainrule::Var y = chainrule::variable(3.0, "y");
  const chainrule::Var z = x * y + sin(x);
  const double slope = chainrule::gradient(z)[x];
  try {
    chainrule::nn::read_idx("there/is/no/such/file");
    return 1;
  } catch (const chainrule::FormatError&) {
  }
  return std::abs(slope - (3.0 + std::cos(2.0))) < 1e-15 ? 0 : 1;
}

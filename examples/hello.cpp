// The first program of README.md: a graph, its gradient, second derivatives, its picture.
#include <fmt/format.h>
#include <autodiff/autodiff.hpp>

int main() {
  using namespace chainrule;

  Graph graph;  // while it lives, this thread records into it
  Var x = variable(2.0, "x"), y = variable(3.0, "y");
  Var z = (x * y + sin(x)).named("z");
  fmt::print("z          = {:.6f}\n", z.value());

  Gradient d = gradient(z);  // one reverse sweep: dz/d(everything)
  fmt::print("dz/dx      = {:.6f}\n", d[x]);
  fmt::print("dz/dy      = {:.6f}\n", d[y]);

  Var dz_dx = derivative(z, x);  // the same sweep, recorded: a node like any other
  fmt::print("d2z/dx2    = {:.6f}\n", derivative(dz_dx, x).value());
  fmt::print("d2z/(dxdy) = {:.6f}\n", derivative(dz_dx, y).value());

  write_dot(z, d, "z.dot");  // values and gradients, for Graphviz: dot -Tsvg z.dot -o z.svg
}

// An operation defined outside the library: a rule, written once, and all its uses.
#include <fmt/format.h>
#include <autodiff/autodiff.hpp>

namespace mine {

/// y tanh(x / y): about x for small x, and never more than the cap y in magnitude.
struct Softcap : chainrule::Binary {
  static constexpr chainrule::Notation notation = chainrule::composed("softcap");
  static auto value(const auto& x, const auto& y) { return y * tanh(x / y); }
  static auto dx(const auto&, const auto& y, const auto& r) { return 1.0 - square(r / y); }
  static auto dy(const auto& x, const auto& y, const auto& r) {
    return r / y - x / y * (1.0 - square(r / y));
  }
};
auto softcap(const chainrule::Value auto& x, const chainrule::Value auto& y) {
  return chainrule::apply<Softcap>(x, y);
}

}  // namespace mine

template <>
inline constexpr bool chainrule::listed_outside<mine::Softcap> = true;

int main() {
  using namespace chainrule;
  using mine::Softcap, mine::softcap;

  Graph graph;
  Var x = variable(1.0, "x"), cap = variable(2.0, "cap");
  Var z = softcap(x, cap);  // one node
  Gradient d = gradient(z);
  fmt::print("z        = {:.9f}\n", z.value());
  fmt::print("dz/dx    = {:.9f}\n", d[x]);
  fmt::print("dz/dcap  = {:.9f}\n", d[cap]);

  // The rule run on recording variables: its derivatives can be differentiated again.
  const double second = derivative(derivative(z, x), x).value();
  // The rule run on plain numbers, for comparison.
  constexpr double h = 1e-4;
  const double difference =
      (softcap(1.0 + h, 2.0) - 2.0 * softcap(1.0, 2.0) + softcap(1.0 - h, 2.0)) / (h * h);
  fmt::print("d2z/dx2  = {:.9f}, by differences {:.4f}\n", second, difference);

  // The rule run on text, which prints its formula.
  const Text a("x"), c("c"), r("r");
  fmt::print("softcap(x, c)             = {}\n", Softcap::value(a, c).str());
  fmt::print("its partial, r the result = {}\n", Softcap::dx(a, c, r).str());

  const bool drawn = dot(z, d).find("softcap") != std::string::npos;
  fmt::print("in the picture: {}\n", drawn ? "a node called softcap" : "not to be found");
}

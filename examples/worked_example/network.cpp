#include "worked_example/network.hpp"

namespace worked_example {
namespace {

using chainrule::Var;

/// The given quantities: variables of the current graph, and the targets as constants.
Network<Var> given_variables(const Network<double>& given) {
  Network<Var> n;
  for (int i = 0; i < given_count; ++i) {
    const double value = given.*quantities<double>[i].field;
    n.*quantities<Var>[i].field = i < variable_count ? chainrule::variable(value) : Var(value);
  }
  return n;
}

}  // namespace

Network<Var> record(const Network<double>& given) {
  Network<Var> n = given_variables(given);
  for (int i = 0; i < variable_count; ++i)
    (n.*quantities<Var>[i].field).named(quantities<Var>[i].name);
  forward(n, [](std::string_view name, const Var& x) { return x.named(name); });
  return n;
}

Network<Var> record_unnamed(const Network<double>& given) {
  Network<Var> n = given_variables(given);
  forward(n, [](std::string_view, const Var& x) { return x; });
  return n;
}

Network<double> evaluate(const Network<double>& given) {
  Network<double> n = given;
  forward(n, [](std::string_view, double x) { return x; });
  return n;
}

Network<double> evaluate_holding(const Network<double>& given, std::string_view held, double x) {
  Network<double> n = given;
  n.*field<double>(held) = x;
  forward(n, [=](std::string_view name, double computed) { return name == held ? x : computed; });
  return n;
}

}  // namespace worked_example

#include "autodiff/view/formulas.hpp"

#include "autodiff/graph/outside_operation.hpp"
#include "autodiff/rules/operations.hpp"

namespace chainrule::detail {
namespace {

struct Formulas {
  Text (*value)(const Text* x);
  PartialsAt<Text>* partials;
};
constexpr auto listed = make_listed_table<Formulas>([]<class Rule>() {
  return Formulas{formula_at<Rule>, partials_at<Rule, Text>};
});

Formulas formulas_of(const Operation& operation) {
  if (operation.is_listed()) return listed[static_cast<std::size_t>(operation.index)];
  return {outside(operation).formula, outside(operation).partial_formulas};
}

}  // namespace

Text formula(const Operation& operation, const Text* x) { return formulas_of(operation).value(x); }

void partial_formulas(const Operation& operation, const Text* x, const Text& result,
                      unsigned wanted, Flow<Text>* out) {
  formulas_of(operation).partials(x, result, wanted, out);
}

}  // namespace chainrule::detail

#include "autodiff/sweep/recorded_partials.hpp"

#include "autodiff/graph/outside_operation.hpp"
#include "autodiff/rules/operations.hpp"

namespace chainrule::detail {

void recorded_partials(const Operation& operation, const Var* x, const Var& result, unsigned wanted,
                       Flow<Var>* out) {
  static constexpr auto listed =
      make_listed_table<PartialsAt<Var>*>([]<class Rule>() { return &partials_at<Rule, Var>; });
  const auto partials = operation.is_listed() ? listed[static_cast<std::size_t>(operation.index)]
                                              : outside(operation).recorded_partials;
  partials(x, result, wanted, out);
}

}  // namespace chainrule::detail

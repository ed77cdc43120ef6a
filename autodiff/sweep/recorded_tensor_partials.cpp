#include "autodiff/sweep/recorded_partials.hpp"

#include "autodiff/graph/outside_operation.hpp"
#include "autodiff/rules/operations.hpp"

namespace chainrule::detail {

void recorded_partials(const Operation& operation, const Tensor* x, const Tensor& result,
                       unsigned wanted, Flow<Tensor>* out) {
  static constexpr auto listed = make_listed_table<PartialsAt<Tensor>*>(
      []<class Rule>() { return &partials_at<Rule, Tensor>; });
  const auto partials = operation.is_listed() ? listed[static_cast<std::size_t>(operation.index)]
                                              : outside(operation).tensor_partials;
  partials(x, result, wanted, out);
}

}  // namespace chainrule::detail

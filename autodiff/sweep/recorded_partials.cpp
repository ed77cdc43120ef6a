#include "autodiff/sweep/recorded_partials.hpp"

#include "autodiff/graph/outside_operation.hpp"

namespace chainrule::detail {
namespace {

template <class T>
constexpr auto listed = make_listed_table<PartialsAt<T>*>([]<class Rule>() {
  return &partials_at<Rule, T>;
});

}  // namespace

void recorded_partials(const Operation& operation, const Var* x, const Var& result, unsigned wanted,
                       Flow<Var>* out) {
  const auto partials = operation.is_listed()
                            ? listed<Var>[static_cast<std::size_t>(operation.index)]
                            : outside(operation).recorded_partials;
  partials(x, result, wanted, out);
}

void recorded_partials(const Operation& operation, const Tensor* x, const Tensor& result,
                       unsigned wanted, Flow<Tensor>* out) {
  const auto partials = operation.is_listed()
                            ? listed<Tensor>[static_cast<std::size_t>(operation.index)]
                            : outside(operation).tensor_partials;
  partials(x, result, wanted, out);
}

}  // namespace chainrule::detail

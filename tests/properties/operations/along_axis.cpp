#include "tests/properties/operations/groups.hpp"

namespace chainrule::testing {
namespace {

/// An operation that keeps the shape. `scalars` returns as many elements as it receives.
template <class TensorForm, class ScalarForm>
ProgramOperation along_axis(std::string_view name, TensorForm tensors, ScalarForm scalars) {
  ProgramOperation operation{.name = name, .settings = axis_settings};
  operation.tensors = [tensors](const Settings& s, TensorValues x) {
    return TensorValue(tensors(s, tensor_of(x[0])));
  };
  operation.scalars = [scalars](const Settings& s, ScalarValues x, Decisions& decisions) {
    const Groups groups(x[0].type.shape, s.list, true);
    ScalarValue result = x[0];
    for (std::size_t i = 0; i < groups.places.size(); ++i) {
      const Vars made = scalars(groups.elements(i, x[0]), decisions);
      for (std::size_t j = 0; j < made.size(); ++j) result.elements[groups.places[i][j]] = made[j];
    }
    return result;
  };
  return operation;
}

/// Whether x precedes y in ascending order, where NaN comes last.
bool is_before(const Var& x, const Var& y) {
  return x.value() < y.value() || (std::isnan(y.value()) && !std::isnan(x.value()));
}

Vars sorted(Vars x, Decisions& decisions) {
  for (const Var& a : x)
    for (const Var& b : x) decisions.emplace_back(a, b);
  std::ranges::stable_sort(x, is_before);
  return x;
}

/// The running maximum: the first of the greatest elements so far. NaN counts as the greatest.
Vars running_greatest(const Vars& x, Decisions& decisions) {
  Vars result{x[0]};
  for (std::size_t i = 1; i < x.size(); ++i) {
    decisions.emplace_back(result.back(), x[i]);
    result.push_back(is_before(result.back(), x[i]) ? x[i] : result.back());
  }
  return result;
}

}  // namespace

std::vector<ProgramOperation> along_axis_operations() {
  return {
      along_axis(
          "cumsum", [](const Settings& s, const Tensor& x) { return cumsum(x, s.k); },
          without_decisions([](const Vars& x) { return running(x, add); })),
      by_other_formula(along_axis(
          "cumprod", [](const Settings& s, const Tensor& x) { return cumprod(x, s.k); },
          without_decisions([](const Vars& x) { return running(x, multiply); }))),
      along_axis(
          "sort", [](const Settings& s, const Tensor& x) { return sort(x, s.k); }, sorted),
      along_axis(
          "cummax", [](const Settings& s, const Tensor& x) { return cummax(x, s.k); },
          running_greatest),
      by_other_formula(along_axis(
          "softmax", [](const Settings& s, const Tensor& x) { return softmax(x, s.k); },
          without_decisions([](const Vars& x) {
            const Var sum = sum_of_exponentials(shifted(x));
            Vars result;
            for (const Var& element : shifted(x)) result.push_back(exp(element) / sum);
            return result;
          }))),
      by_other_formula(along_axis(
          "log_softmax", [](const Settings& s, const Tensor& x) { return log_softmax(x, s.k); },
          without_decisions([](const Vars& x) {
            const Var logarithm = log(sum_of_exponentials(shifted(x)));
            Vars result;
            for (const Var& element : shifted(x)) result.push_back(element - logarithm);
            return result;
          }))),
  };
}

}  // namespace chainrule::testing

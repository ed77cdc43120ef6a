#include <cmath>
#include <limits>

#include "tests/properties/operations/groups.hpp"

namespace chainrule::testing {
namespace {

AxisList axes_of(const Settings& s) { return AxisList(s.list); }

/// Some or all axes, in the list; the flag is keepdims.
MaybeSettings reduction_settings(Random& random, Types types) {
  if (!is_tensor(types[0])) return std::nullopt;
  Settings s;
  const std::size_t rank = types[0].shape.size();
  s.flag = random.bernoulli(0.2);
  if (rank == 0 || random.bernoulli())
    s.list = every_axis(rank);
  else
    s.list = {any_axis(random, rank)};
  return s;
}

/// `tensors` takes the settings and the tensor, `scalars` the elements that are reduced to one.
template <class Draw, class TensorForm, class ScalarForm>
ProgramOperation reduction(std::string_view name, int weight, Draw draw, TensorForm tensors,
                           ScalarForm scalars) {
  ProgramOperation operation{.name = name, .weight = weight, .settings = draw};
  operation.tensors = [tensors](const Settings& s, TensorValues x) {
    return TensorValue(tensors(s, tensor_of(x[0])));
  };
  operation.scalars = [scalars](const Settings& s, ScalarValues x, Decisions& decisions) {
    const Groups groups(x[0].type.shape, s.list, s.flag);
    Vars elements;
    for (std::size_t i = 0; i < groups.places.size(); ++i)
      elements.push_back(scalars(groups.elements(i, x[0]), decisions));
    return ScalarValue::tensor(groups.shape, elements);
  };
  return operation;
}

// ---- Scalar forms -------------------------------------------------------------------------------

Var mean_of(const Vars& x) { return sum_of(x) / static_cast<double>(x.size()); }

/// The elements that no other element exceeds; empty if any element is NaN.
Vars extreme_elements(const Vars& x, bool least, Decisions& decisions) {
  Vars extreme;
  for (const Var& a : x) {
    bool is_extreme = true;
    for (const Var& b : x) {
      decisions.emplace_back(a, b);
      is_extreme = is_extreme && (least ? a.value() <= b.value() : a.value() >= b.value());
    }
    if (is_extreme) extreme.push_back(a);
  }
  return extreme;
}

/// Equal extreme elements share the derivative evenly; if any element is NaN, none receives it.
auto extreme(bool least) {
  return [least](const Vars& x, Decisions& decisions) {
    const Vars ties = extreme_elements(x, least, decisions);
    return ties.empty() ? Var(std::numeric_limits<double>::quiet_NaN()) : mean_of(ties);
  };
}

/// The first of equal extreme elements receives the derivative; the first NaN counts as extreme.
auto extreme_along(bool least) {
  return [least](const Vars& x, Decisions& decisions) {
    for (const Var& element : x)
      if (std::isnan(element.value())) return element;
    return extreme_elements(x, least, decisions)[0];
  };
}

/// No derivative flows where the norm is 0.
Var norm_of(const Vars& x) {
  Vars squares;
  bool is_zero = true;
  for (const Var& element : x) {
    squares.push_back(square(element));
    is_zero = is_zero && element.value() == 0.0;
  }
  return is_zero ? Var(0.0) : sqrt(sum_of(squares));
}

Var norm_1_of(const Vars& x) {
  Vars magnitudes;
  for (const Var& element : x) magnitudes.push_back(abs(element));
  const Var sum = sum_of(magnitudes);
  return sum.value() == 0.0 ? Var(0.0) : sum;
}

Var variance_of(const Vars& x) {
  const Var mean = mean_of(x);
  Vars squares;
  for (const Var& element : x) squares.push_back(square(element - mean));
  return mean_of(squares);
}

/// No derivative flows where the standard deviation is 0.
Var deviation_of(const Vars& x) {
  const Var variance = variance_of(x);
  return variance.value() == 0.0 ? Var(0.0) : sqrt(variance);
}

}  // namespace

std::vector<ProgramOperation> reduction_operations() {
  return {
      reduction(
          "sum", 6, reduction_settings,
          [](const Settings& s, const Tensor& x) { return sum(x, axes_of(s), s.flag); },
          without_decisions(sum_of)),
      reduction(
          "mean", 1, reduction_settings,
          [](const Settings& s, const Tensor& x) { return mean(x, axes_of(s), s.flag); },
          without_decisions(mean_of)),
      by_other_formula(reduction(
          "prod", 2, reduction_settings,
          [](const Settings& s, const Tensor& x) { return prod(x, axes_of(s), s.flag); },
          without_decisions([](const Vars& x) { return running(x, multiply).back(); }))),
      reduction(
          "amax", 1, reduction_settings,
          [](const Settings& s, const Tensor& x) { return amax(x, axes_of(s), s.flag); },
          extreme(false)),
      reduction(
          "amin", 1, reduction_settings,
          [](const Settings& s, const Tensor& x) { return amin(x, axes_of(s), s.flag); },
          extreme(true)),
      reduction(
          "max_along", 1, axis_settings,
          [](const Settings& s, const Tensor& x) { return max_along(x, s.k, s.flag); },
          extreme_along(false)),
      reduction(
          "min_along", 1, axis_settings,
          [](const Settings& s, const Tensor& x) { return min_along(x, s.k, s.flag); },
          extreme_along(true)),
      reduction(
          "norm", 2, reduction_settings,
          [](const Settings& s, const Tensor& x) { return norm(x, 2.0, axes_of(s), s.flag); },
          without_decisions(norm_of)),
      reduction(
          "norm_1", 1, reduction_settings,
          [](const Settings& s, const Tensor& x) { return norm(x, 1.0, axes_of(s), s.flag); },
          without_decisions(norm_1_of)),
      by_other_formula(reduction(
          "var", 1, reduction_settings,
          [](const Settings& s, const Tensor& x) { return var(x, axes_of(s), 0.0, s.flag); },
          without_decisions(variance_of))),
      by_other_formula(reduction(
          "stddev", 1, reduction_settings,
          [](const Settings& s, const Tensor& x) { return stddev(x, axes_of(s), 0.0, s.flag); },
          without_decisions(deviation_of))),
      by_other_formula(reduction(
          "logsumexp", 1, reduction_settings,
          [](const Settings& s, const Tensor& x) { return logsumexp(x, axes_of(s), s.flag); },
          without_decisions(
              [](const Vars& x) { return log(sum_of_exponentials(shifted(x))) + greatest(x); }))),
  };
}

}  // namespace chainrule::testing

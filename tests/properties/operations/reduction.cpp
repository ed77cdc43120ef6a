#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/properties/operations/common.hpp"

namespace chainrule::testing {
namespace {

using Vars = std::vector<Var>;

AxisList axes_of(const Settings& s) { return AxisList(s.list); }

/// The axes in the list, or with k = 1 every axis; the flag is keepdims.
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

MaybeSettings axis_settings(Random& random, Types types) {
  if (!is_tensor(types[0]) || types[0].shape.empty()) return std::nullopt;
  Settings s;
  s.k = any_axis(random, types[0].shape.size());
  s.list = {s.k};
  s.flag = random.bernoulli(0.2);
  return s;
}

/// The elements in groups that belong together along the axes, and where each group's are.
struct Groups {
  Shape shape;  ///< of the result of a reduction
  std::vector<std::vector<std::size_t>> places;

  Groups(const Shape& from, const Axes& axes, bool keepdims) {
    const Axes reduced = sorted_axes(axes, from.size(), "properties");
    Shape kept = from;
    for (const std::int64_t axis : reduced) kept[std::size_t(axis)] = 1;
    const auto count = std::size_t(element_count(kept, "properties"));
    places.resize(count);
    const auto group_of = to_vector(expand(Tensor(positions(kept)), from));
    for (std::size_t i = 0; i < group_of.size(); ++i) places[std::size_t(group_of[i])].push_back(i);
    shape = kept;
    for (std::size_t k = reduced.size(); !keepdims && k-- > 0;)
      shape.erase(std::size_t(reduced[k]));
  }

  Vars elements(std::size_t group, const ScalarValue& x) const {
    Vars elements;
    for (const std::size_t place : places[group]) elements.push_back(x.elements[place]);
    return elements;
  }
};

/// `tensors` takes the settings and the tensor, `scalars` the elements that become one.
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

/// The same for operations that keep the shape: `scalars` gives as many elements as it takes.
template <class TensorForm, class ScalarForm>
ProgramOperation along_axis(std::string_view name, TensorForm tensors, ScalarForm scalars) {
  ProgramOperation operation{.name = name, .settings = axis_settings};
  operation.tensors = [tensors](const Settings& s, TensorValues x) {
    return TensorValue(tensors(s, tensor_of(x[0])));
  };
  operation.scalars = [scalars](const Settings& s, ScalarValues x, Decisions&) {
    const Groups groups(x[0].type.shape, s.list, true);
    ScalarValue result = x[0];
    for (std::size_t i = 0; i < groups.places.size(); ++i) {
      const Vars made = scalars(groups.elements(i, x[0]));
      for (std::size_t j = 0; j < made.size(); ++j) result.elements[groups.places[i][j]] = made[j];
    }
    return result;
  };
  return operation;
}

// ---- Scalar forms -------------------------------------------------------------------------------

Var sum_of(const Vars& x) {
  Var sum = x[0];
  for (std::size_t i = 1; i < x.size(); ++i) sum = sum + x[i];
  return sum;
}
Var mean_of(const Vars& x) { return sum_of(x) / static_cast<double>(x.size()); }

Vars running(const Vars& x, Var (*step)(const Var&, const Var&)) {
  Vars result{x[0]};
  for (std::size_t i = 1; i < x.size(); ++i) result.push_back(step(result.back(), x[i]));
  return result;
}
Var add(const Var& x, const Var& y) { return x + y; }
Var multiply(const Var& x, const Var& y) { return x * y; }

/// The elements that no other exceeds; none if one is NaN.
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

/// Equal extreme elements share the derivative evenly; none has it where one is NaN.
auto extreme(bool least) {
  return [least](const Vars& x, Decisions& decisions) {
    const Vars ties = extreme_elements(x, least, decisions);
    return ties.empty() ? Var(std::numeric_limits<double>::quiet_NaN()) : mean_of(ties);
  };
}

/// The first of equal extreme elements has the derivative; the first NaN counts as extreme.
auto extreme_along(bool least) {
  return [least](const Vars& x, Decisions& decisions) {
    for (const Var& element : x)
      if (std::isnan(element.value())) return element;
    return extreme_elements(x, least, decisions)[0];
  };
}

/// Nothing flows where a norm is 0.
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

/// Nothing flows where a standard deviation is 0.
Var deviation_of(const Vars& x) {
  const Var variance = variance_of(x);
  return variance.value() == 0.0 ? Var(0.0) : sqrt(variance);
}

double greatest(const Vars& x) {
  double greatest = x[0].value();
  for (const Var& element : x) greatest = std::max(greatest, element.value());
  return greatest;
}

/// The elements less the greatest one, as a constant: nothing overflows, and derivatives are the
/// same.
Vars shifted(const Vars& x) {
  Vars result;
  for (const Var& element : x) result.push_back(element - greatest(x));
  return result;
}
Var sum_of_exponentials(const Vars& x) {
  Vars exponentials;
  for (const Var& element : x) exponentials.push_back(exp(element));
  return sum_of(exponentials);
}

/// Marks an operation as differentiated by another formula. Its scalar form is not that at infinite
/// operands: DomainError.
ProgramOperation by_other_formula(ProgramOperation operation) {
  operation.has_other_formula = true;
  operation.scalars = [scalars = operation.scalars](const Settings& s, ScalarValues x,
                                                    Decisions& decisions) {
    for (const Var& element : x[0].elements)
      if (!std::isfinite(element.value())) throw DomainError("properties: not finite");
    return scalars(s, x, decisions);
  };
  return operation;
}

template <class F>
auto without_decisions(F f) {
  return [f](const Vars& x, Decisions&) { return f(x); };
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
      reduction(
          "prod", 2, reduction_settings,
          [](const Settings& s, const Tensor& x) { return prod(x, axes_of(s), s.flag); },
          without_decisions([](const Vars& x) { return running(x, multiply).back(); })),
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
      along_axis(
          "cumsum", [](const Settings& s, const Tensor& x) { return cumsum(x, s.k); },
          [](const Vars& x) { return running(x, add); }),
      along_axis(
          "cumprod", [](const Settings& s, const Tensor& x) { return cumprod(x, s.k); },
          [](const Vars& x) { return running(x, multiply); }),
      by_other_formula(along_axis(
          "softmax", [](const Settings& s, const Tensor& x) { return softmax(x, s.k); },
          [](const Vars& x) {
            const Var sum = sum_of_exponentials(shifted(x));
            Vars result;
            for (const Var& element : shifted(x)) result.push_back(exp(element) / sum);
            return result;
          })),
      by_other_formula(along_axis(
          "log_softmax", [](const Settings& s, const Tensor& x) { return log_softmax(x, s.k); },
          [](const Vars& x) {
            const Var logarithm = log(sum_of_exponentials(shifted(x)));
            Vars result;
            for (const Var& element : shifted(x)) result.push_back(element - logarithm);
            return result;
          })),
  };
}

}  // namespace chainrule::testing

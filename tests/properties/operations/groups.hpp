// Operations along axes of a tensor: the groups of elements that are combined, and functions shared
// by several scalar forms.
#pragma once

#include <algorithm>
#include <cmath>

#include "tests/properties/operations/common.hpp"

namespace chainrule::testing {

using Vars = std::vector<Var>;

/// One axis, in `k` and in the list; the flag is keepdims.
inline MaybeSettings axis_settings(Random& random, Types types) {
  if (!is_tensor(types[0]) || types[0].shape.empty()) return std::nullopt;
  Settings s;
  s.k = any_axis(random, types[0].shape.size());
  s.list = {s.k};
  s.flag = random.bernoulli(0.2);
  return s;
}

/// The groups of elements along the axes, as positions of the elements of each group.
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

inline Var sum_of(const Vars& x) {
  Var sum = x[0];
  for (std::size_t i = 1; i < x.size(); ++i) sum = sum + x[i];
  return sum;
}

inline Vars running(const Vars& x, Var (*step)(const Var&, const Var&)) {
  Vars result{x[0]};
  for (std::size_t i = 1; i < x.size(); ++i) result.push_back(step(result.back(), x[i]));
  return result;
}
inline Var add(const Var& x, const Var& y) { return x + y; }
inline Var multiply(const Var& x, const Var& y) { return x * y; }

inline double greatest(const Vars& x) {
  double greatest = x[0].value();
  for (const Var& element : x) greatest = std::max(greatest, element.value());
  return greatest;
}

/// The elements minus the greatest one, which is taken as a constant: nothing overflows, and the
/// derivatives are the same.
inline Vars shifted(const Vars& x) {
  Vars result;
  for (const Var& element : x) result.push_back(element - greatest(x));
  return result;
}

inline Var sum_of_exponentials(const Vars& x) {
  Vars exponentials;
  for (const Var& element : x) exponentials.push_back(exp(element));
  return sum_of(exponentials);
}

/// Marks an operation as differentiated by another formula. The scalar form throws DomainError for
/// infinite operands, where the formulas differ.
inline ProgramOperation by_other_formula(ProgramOperation operation) {
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

}  // namespace chainrule::testing

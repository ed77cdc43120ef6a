// Cases of reductions, cumulative operations and statistics.
#pragma once

#include "tests/support/structural_cases/case.hpp"

namespace chainrule::testing {

template <>
inline StructuralCases structural_cases<rules::Spread>() {
  const auto call = [](const Shape& shape, const AxisList& axes) {
    return [=](const auto& x) { return apply<rules::Spread>({shape, axes}, x[0]); };
  };
  return {{{{2}}, call({2, 3}, -1)},
          {{{1, 3}}, call({2, 3}, 0)},
          {{{}}, call({2, 3}, all_axes)},
          {{{2, 1, 1}}, call({2, 1, 3}, AxisList{1, 2})},
          {{{2}}, call({2, 0}, 1)}};
}
template <>
inline StructuralCases structural_cases<rules::Sum>() {
  return over_axes([](const auto& x, const auto& axes, bool k) { return sum(x, axes, k); });
}
template <>
inline StructuralCases structural_cases<rules::Mean>() {
  return over_axes([](const auto& x, const auto& axes, bool k) { return mean(x, axes, k); }, false);
}
template <>
inline StructuralCases structural_cases<rules::Amax>() {
  return without_equal_rows(
      over_axes([](const auto& x, const auto& axes, bool k) { return amax(x, axes, k); }, false));
}
template <>
inline StructuralCases structural_cases<rules::Amin>() {
  return without_equal_rows(
      over_axes([](const auto& x, const auto& axes, bool k) { return amin(x, axes, k); }, false));
}
template <>
inline StructuralCases structural_cases<rules::MaxAlong>() {
  return without_equal_rows(along_axis(
      [](const auto& x, std::int64_t axis) { return max_along(x, axis, axis == 0); }, false));
}
template <>
inline StructuralCases structural_cases<rules::MinAlong>() {
  return without_equal_rows(along_axis(
      [](const auto& x, std::int64_t axis) { return min_along(x, axis, axis == 0); }, false));
}
template <>
inline StructuralCases structural_cases<rules::Cumsum>() {
  return along_axis([](const auto& x, std::int64_t axis) { return cumsum(x, axis); });
}
template <>
inline StructuralCases structural_cases<rules::Shift>() {
  return along_axis([](const auto& x, std::int64_t axis) {
    return apply<rules::Shift>({{axis, axis == 0}, 0.5}, x);
  });
}
template <>
inline StructuralCases structural_cases<rules::Recurrence>() {
  StructuralCases cases;
  for (const bool reverse : {false, true})
    for (const bool lagged : {false, true})
      cases = joined(std::move(cases),
                     pairs_along_axis([=](const auto& x, const auto& y, std::int64_t axis) {
                       return apply<rules::Recurrence>({{axis, reverse}, lagged}, x, y);
                     }));
  return cases;
}
template <>
inline StructuralCases structural_cases<rules::Cumprod>() {
  return along_axis([](const auto& x, std::int64_t axis) { return cumprod(x, axis); });
}
template <>
inline StructuralCases structural_cases<rules::Prod>() {
  return over_axes([](const auto& x, const auto& axes, bool k) { return prod(x, axes, k); });
}
template <>
inline StructuralCases structural_cases<rules::Norm>() {
  StructuralCases cases;
  for (const double p : {1.0, 2.0, 3.0, 4.0, 2.5})
    cases = joined(std::move(cases), over_axes([=](const auto& x, const auto& axes, bool k) {
                     return norm(x, p, axes, k);
                   }));
  return in_range(0.3, 2.0, std::move(cases));  // away from the kinks at 0
}
template <>
inline StructuralCases structural_cases<rules::Centred>() {
  return over_axes([](const auto& x, const auto& axes, bool) { return centred(x, axes); });
}
template <>
inline StructuralCases structural_cases<rules::Variance>() {
  return joined(
      over_axes([](const auto& x, const auto& axes, bool k) { return var(x, axes, 0.0, k); },
                false),
      {{{{2, 3}}, [](const auto& x) { return var(x[0], -1, 1.0); }},
       {{{3}}, [](const auto& x) { return var(x[0], 0, 1.5, true); }}});
}
template <>
inline StructuralCases structural_cases<rules::StandardDeviation>() {
  StructuralCases cases = {{{{2, 3}}, [](const auto& x) { return stddev(x[0], -1, 1.0); }},
                           {{{3}}, [](const auto& x) { return stddev(x[0]); }},
                           {{{3, 2}}, [](const auto& x) { return stddev(x[0], 0, 0.0, true); }},
                           {{{3, 2, 1}},
                            [](const auto& x) {
                              return stddev(x[0], {0, 1});
                            }},
                           {{{0, 2}}, [](const auto& x) { return stddev(x[0], 1); }}};
  return without_equal_rows(std::move(cases));
}

}  // namespace chainrule::testing

// Cases of diagonals, indexing and conversions.
#pragma once

#include "tests/support/structural_cases/case.hpp"

namespace chainrule::testing {

template <>
inline StructuralCases structural_cases<rules::Diagonal>() {
  StructuralCases cases;
  for (const std::int64_t k : {0, 1, -1, 5})
    for (const Shape& shape : shapes_of_rank(2))
      cases.push_back({{shape}, [=](const auto& x) { return diagonal(x[0], k); }});
  return cases;
}
template <>
inline StructuralCases structural_cases<rules::DiagonalMatrix>() {
  StructuralCases cases;
  for (const std::int64_t k : {0, 2, -1})
    for (const std::int64_t n : {0, 1, 3})
      cases.push_back({{{n}}, [=](const auto& x) { return diag(x[0], k); }});
  return cases;
}
template <>
inline StructuralCases structural_cases<rules::Trace>() {
  StructuralCases cases;
  for (const Shape& shape : {Shape{3, 3}, Shape{2, 3}, Shape{3, 1}, Shape{1, 1}, Shape{0, 2}})
    cases.push_back({{shape}, [](const auto& x) { return trace(x[0]); }});
  return cases;
}
template <>
inline StructuralCases structural_cases<rules::Triangle>() {
  StructuralCases cases;
  for (const std::int64_t k : {0, 1, -1, 7})
    for (const Shape& shape : shapes_of_rank(2)) {
      cases.push_back({{shape}, [=](const auto& x) { return tril(x[0], k); }});
      cases.push_back({{shape}, [=](const auto& x) { return triu(x[0], k); }});
    }
  return cases;
}
template <>
inline StructuralCases structural_cases<rules::IndexSelect>() {
  const Indices square = indices_of({2, 0, 1, 2}, {2, 2});
  return {{{{3}},
           [](const auto& x) {
             return index_select(x[0], 0, Indices{2, 0, 2, 2});
           }},
          {{{3, 2}}, [=](const auto& x) { return index_select(x[0], 0, square); }},
          {{{2, 3}}, [=](const auto& x) { return index_select(x[0], -1, square); }},
          {{{2, 1, 2}},
           [](const auto& x) {
             return index_select(x[0], 1, Indices{0, 0});
           }},
          {{{3, 2}}, [](const auto& x) { return index_select(x[0], 0, Indices()); }},
          {{{2, 0}}, [](const auto& x) {
             return index_select(x[0], 0, Indices{1, 1});
           }}};
}
template <>
inline StructuralCases structural_cases<rules::IndexAdd>() {
  return {{{{4}},
           [](const auto& x) {
             return index_add(x[0], 0, Indices{2, 0, 2, 2}, {3});
           }},
          {{{2, 3}},
           [](const auto& x) {
             return index_add(x[0], 1, Indices{1, 1, 0}, {2, 2});
           }},
          {{{1, 3}},
           [](const auto& x) {
             return index_add(x[0], -1, Indices{1, 4, 0}, {1, 5});
           }},
          {{{0, 2}}, [](const auto& x) {
             return index_add(x[0], 0, Indices(), {3, 2});
           }}};
}
template <>
inline StructuralCases structural_cases<rules::Gather>() {
  const Indices i = indices_of({1, 0, 1, 1}, {2, 2}), few = indices_of({1}, {1, 1});
  return {{{{2, 2}}, [=](const auto& x) { return gather(x[0], 0, i); }},
          {{{2, 3}}, [=](const auto& x) { return gather(x[0], -1, i); }},
          {{{3, 2}}, [=](const auto& x) { return gather(x[0], 1, few); }},
          {{{3}},
           [](const auto& x) {
             return gather(x[0], 0, Indices{2, 2, 0, 2});
           }},
          {{{3}}, [](const auto& x) { return gather(x[0], 0, Indices()); }}};
}
template <>
inline StructuralCases structural_cases<rules::ScatterAdd>() {
  const Indices i = indices_of({1, 0, 1, 1}, {2, 2}), few = indices_of({1}, {1, 1});
  return {{{{2, 2}},
           [=](const auto& x) {
             return scatter_add(x[0], 0, i, {3, 2});
           }},
          {{{2, 3}},
           [=](const auto& x) {
             return scatter_add(x[0], -1, i, {2, 2});
           }},
          {{{3, 2}},
           [=](const auto& x) {
             return scatter_add(x[0], 1, few, {1, 2});
           }},
          {{{3}},
           [](const auto& x) {
             return scatter_add(x[0], 0, Indices{2, 2, 0}, {4});
           }},
          {{{3}}, [](const auto& x) { return scatter_add(x[0], 0, Indices(), {4}); }}};
}
template <>
inline StructuralCases structural_cases<rules::AsType>() {
  // The intermediate rounding adds noise to the differences.
  const DifferenceOptions coarse{.step = 0.05, .tolerance = 3e-4, .rounding = 1e-5};
  const auto there_and_back = [](const auto& x) {
    return astype(sin(astype(x[0], DType::float32)), x[0].dtype());
  };
  return {{{{2, 3}}, there_and_back, -2.0, 2.0, true, coarse},
          {{{}}, there_and_back, -2.0, 2.0, true, coarse},
          {{{0}}, there_and_back, -2.0, 2.0, true, coarse}};
}

}  // namespace chainrule::testing

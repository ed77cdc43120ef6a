// Cases of products.
#pragma once

#include "tests/support/structural_cases/case.hpp"

namespace chainrule::testing {

template <>
inline StructuralCases structural_cases<rules::Matmul>() {
  StructuralCases cases;
  const std::pair<Shape, Shape> shapes[] = {
      {{3}, {3}},       {{2, 3}, {3}},       {{3}, {3, 2}},          {{2, 3}, {3, 2}},
      {{1, 1}, {1, 1}}, {{2, 2, 3}, {3, 2}}, {{2, 3}, {2, 3, 1}},    {{2, 1, 2, 2}, {3, 2, 1}},
      {{2, 2, 3}, {3}}, {{3}, {2, 3, 2}},    {{1, 2, 2}, {2, 2, 2}}, {{2, 0}, {0, 3}},
      {{0, 2}, {2, 2}}, {{0}, {0}},          {{0, 2, 2}, {2, 1}}};
  for (const auto& [x, y] : shapes)
    cases.push_back({{x, y}, [](const auto& t) { return matmul(t[0], t[1]); }});
  for (const bool first : {false, true})
    for (const bool second : {false, true})
      cases.push_back({{first ? Shape{3, 2} : Shape{2, 3}, second ? Shape{2, 3} : Shape{3, 2}},
                       [=](const auto& t) {
                         return apply<rules::Matmul>({first, second}, t[0], t[1]);
                       }});
  cases.push_back({{{2, 3}, {2, 3}}, [](const auto& t) { return linear(t[0], t[1]); }});
  return cases;
}
template <>
inline StructuralCases structural_cases<chainrule::rules::Linear>() {
  const auto f = [](const auto& t) { return linear(t[0], t[1], t[2]); };
  return {{{{2, 3}, {2, 3}, {2}}, f},
          {{{3}, {2, 3}, {2}}, f},
          {{{2, 1, 2}, {3, 2}, {3}}, f},
          {{{0, 3}, {2, 3}, {2}}, f},
          {{{2, 1}, {1, 1}, {1}}, f}};
}
template <>
inline StructuralCases structural_cases<rules::Outer>() {
  const auto f = [](const auto& t) { return outer(t[0], t[1]); };
  return {{{{2}, {3}}, f}, {{{1}, {3}}, f}, {{{0}, {3}}, f}};
}
template <>
inline StructuralCases structural_cases<rules::CollectIndices>() {
  StructuralCases cases;
  const std::pair<const char*, Shape> calls[] = {
      {"ij->ji", {2, 3}},    {"ij->j", {2, 3}}, {"ii->i", {3, 3}}, {"ii->", {3, 3}},
      {"iij->j", {2, 2, 3}}, {"i->", {0}},      {"ij->i", {2, 0}}, {"iji->ji", {2, 1, 2}}};
  for (const auto& [equation, shape] : calls)
    cases.push_back(
        {{shape}, [e = std::string(equation)](const auto& x) { return einsum(e, {x[0]}); }});
  return cases;
}
template <>
inline StructuralCases structural_cases<rules::SpreadIndices>() {
  const auto call = [](const char* from, const char* onto, const Shape& shape) {
    return [from = std::string(from), onto = std::string(onto), shape](const auto& x) {
      return apply<rules::SpreadIndices>({from, onto, shape}, x[0]);
    };
  };
  return {{{{3}}, call("i", "ij", {3, 2})},
          {{{3}}, call("i", "ii", {3, 3})},
          {{{2, 3}}, call("ij", "ji", {3, 2})},
          {{{}}, call("", "ii", {2, 2})},
          {{{0}}, call("i", "ij", {0, 2})}};
}
template <>
inline StructuralCases structural_cases<rules::Contract>() {
  StructuralCases cases;
  const std::pair<const char*, std::vector<Shape>> calls[] = {
      {"ij,jk->ik", {{2, 3}, {3, 2}}},
      {"bij,bjk->bik", {{2, 2, 1}, {2, 1, 3}}},
      {"i,j->ji", {{2}, {3}}},
      {"ij,ij->", {{2, 3}, {2, 3}}},
      {"ij,ij->ij", {{2, 3}, {2, 3}}},
      {"ii,ij->j", {{2, 2}, {2, 3}}},
      {"ijk,kl->il", {{2, 1, 3}, {3, 2}}},
      {"ij,jk,kl->il", {{2, 2}, {2, 3}, {3, 1}}},
      {"i,ij,j->", {{2}, {2, 3}, {3}}},
      {"ij,jk->ik", {{2, 0}, {0, 3}}},
      {"i,i->i", {{0}, {0}}}};
  for (const auto& [equation, shapes] : calls)
    cases.push_back({shapes, [e = std::string(equation)](const std::vector<Tensor>& x) {
                       return einsum(e, std::span<const Tensor>(x));
                     }});
  return cases;
}

}  // namespace chainrule::testing

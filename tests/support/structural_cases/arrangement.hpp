// Cases of operations that rearrange elements: shapes, slices, joining.
#pragma once

#include "tests/support/structural_cases/case.hpp"

namespace chainrule::testing {

template <>
inline StructuralCases structural_cases<rules::Expand>() {
  return for_shapes(shapes_of_rank(0), [](Shape shape) -> TensorFunction {
    for (std::int64_t& size : shape)
      if (size == 1) size = 3;
    shape.insert(0, 2);
    return [=](const auto& x) { return expand(x[0], shape); };
  });
}
template <>
inline StructuralCases structural_cases<rules::SumTo>() {
  return joined(for_shapes(shapes_of_rank(2),
                           [](Shape shape) -> TensorFunction {
                             shape[0] = 1;
                             return [=](const auto& x) { return sum_to(x[0], shape); };
                           }),
                for_shapes(shapes_of_rank(1), [](Shape shape) -> TensorFunction {
                  shape.erase(0);
                  return [=](const auto& x) { return sum_to(x[0], shape); };
                }));
}
template <>
inline StructuralCases structural_cases<rules::Reshape>() {
  return for_shapes(shapes_of_rank(0), [](const Shape& shape) -> TensorFunction {
    const std::int64_t size = element_count(shape, "reshape");
    return [=](const auto& x) {
      return reshape(x[0], size % 2 == 0 ? Shape{2, size / 2} : Shape{1, size, 1});
    };
  });
}
template <>
inline StructuralCases structural_cases<rules::Permute>() {
  return joined(for_shapes(shapes_of_rank(0),
                           [](const Shape&) -> TensorFunction {
                             return [](const auto& x) { return transpose(x[0]); };
                           }),
                {{{{2, 3, 2}},
                  [](const auto& x) {
                    return permute(x[0], {1, 2, 0});
                  }},
                 {{{2, 3, 1}},
                  [](const auto& x) {
                    return permute(x[0], {-1, 0, 1});
                  }},
                 {{{2, 3, 2}}, [](const auto& x) { return transpose(x[0], -1, 1); }}});
}
template <>
inline StructuralCases structural_cases<rules::Flip>() {
  return joined(along_axis([](const Tensor& x, std::int64_t axis) { return flip(x, axis); }),
                {{{{2, 3, 2}}, [](const auto& x) {
                    return flip(x[0], {0, -1});
                  }}});
}
template <>
inline StructuralCases structural_cases<rules::Slicing>() {
  return joined(along_axis([](const Tensor& x, std::int64_t axis) {
                  return slice(x, axis, Slice{Slice::none, Slice::none, -2});
                }),
                {{{{3, 4}},
                  [](const auto& x) {
                    return slice(x[0], {{1}, {0, 4, 2}});
                  }},
                 {{{3, 4}},
                  [](const auto& x) {
                    return slice(x[0], {{-2, 3}, {3, 0, -2}});
                  }},
                 {{{4}},
                  [](const auto& x) {
                    return slice(x[0], {{3, 1}});
                  }},  // selects no elements
                 {{{5}}, [](const auto& x) {
                    const auto pieces = split(x[0], {2, 0, 3});
                    return concat({pieces[2] * 3.0, pieces[0], pieces[1]});
                  }}});
}
template <>
inline StructuralCases structural_cases<rules::Pad>() {
  return for_shapes(shapes_of_rank(0), [](const Shape& shape) -> TensorFunction {
    const Extents before = Extents::filled(shape.size(), 1),
                  after = Extents::filled(shape.size(), 2);
    return [=](const auto& x) { return pad(x[0], before, after, 0.7); };
  });
}
template <>
inline StructuralCases structural_cases<rules::Roll>() {
  return joined(along_axis([](const Tensor& x, std::int64_t axis) { return roll(x, 1, axis); }),
                along_axis([](const Tensor& x, std::int64_t axis) { return roll(x, -5, axis); }));
}
template <>
inline StructuralCases structural_cases<rules::Concat>() {
  return {{{{2, 1}, {2, 3}, {2, 0}}, [](const auto& x) { return concat(x, 1); }},
          {{{2, 2}, {1, 2}},
           [](const auto& x) {
             return concat({x[1], x[0], x[1]}, 0);
           }},
          {{{2}, {3}}, [](const auto& x) { return concat(x, -1); }},
          {{{1, 2, 3}}, [](const auto& x) { return concat(x, -1); }}};
}
template <>
inline StructuralCases structural_cases<rules::Stack>() {
  return {{{{2, 3}, {2, 3}}, [](const auto& x) { return stack(x, 0); }},
          {{{2, 1}, {2, 1}},
           [](const auto& x) {
             return stack({x[1], x[0], x[1]}, -1);
           }},
          {{{2, 3}, {2, 3}}, [](const auto& x) { return stack(x, 1); }},
          {{{}, {}}, [](const auto& x) { return stack(x); }},
          {{{0, 2}, {0, 2}}, [](const auto& x) { return stack(x, 1); }}};
}

}  // namespace chainrule::testing

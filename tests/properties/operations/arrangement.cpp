// Operations that move elements. To find where each element goes, the scalar form runs the tensor
// form on a constant tensor of positions.
#include "tests/properties/operations/common.hpp"

namespace chainrule::testing {
namespace {

/// An operation with one tensor operand and a tensor result. `f` takes the settings and the tensor.
template <class Draw, class F>
ProgramOperation moving(std::string_view name, Draw draw, F f, int weight = 1) {
  ProgramOperation operation{.name = name, .weight = weight};
  operation.settings = [draw](Random& random, Types types) -> MaybeSettings {
    if (!is_tensor(types[0])) return std::nullopt;
    return draw(random, types[0].shape);
  };
  operation.tensors = [f](const Settings& s, TensorValues x) {
    return TensorValue(f(s, tensor_of(x[0])));
  };
  operation.scalars = [f](const Settings& s, ScalarValues x, Decisions&) {
    return elements_at(f(s, Tensor(positions(x[0].type.shape))), x[0].elements);
  };
  return operation;
}

/// An operation with several tensor operands and a tensor result.
template <class Draw, class F>
ProgramOperation joining(std::string_view name, Draw draw, F f) {
  ProgramOperation operation{.name = name, .min_operands = 1, .max_operands = 3, .weight = 2};
  operation.settings = [draw](Random& random, Types types) -> MaybeSettings {
    for (const Type& type : types)
      if (!is_tensor(type)) return std::nullopt;
    return draw(random, types);
  };
  operation.tensors = [f](const Settings& s, TensorValues x) {
    std::vector<Tensor> tensors;
    for (const TensorValue& value : x) tensors.push_back(tensor_of(value));
    return TensorValue(f(s, tensors));
  };
  operation.scalars = [f](const Settings& s, ScalarValues x, Decisions&) {
    std::vector<Tensor> places;
    std::vector<Var> elements;
    for (const ScalarValue& value : x) {
      const auto before = static_cast<double>(elements.size());
      places.push_back(Tensor(positions(value.type.shape)) + before);
      elements.insert(elements.end(), value.elements.begin(), value.elements.end());
    }
    return elements_at(f(s, places), elements);
  };
  return operation;
}

// ---- Settings -----------------------------------------------------------------------------------

MaybeSettings axis_settings(Random& random, const Shape& shape) {
  if (shape.empty()) return std::nullopt;
  Settings s;
  s.k = any_axis(random, shape.size());
  return s;
}

MaybeSettings slice_settings(Random& random, const Shape& shape) {
  MaybeSettings s = axis_settings(random, shape);
  if (!s) return s;
  const std::int64_t size = shape[axis_of(s->k, shape.size(), "slice")];
  const std::int64_t start = between(random, 0, size - 1);
  if (random.bernoulli(0.3))
    s->list = {start, Slice::none, -between(random, 1, 2)};
  else
    s->list = {start, between(random, start + 1, size), between(random, 1, 2)};
  return s;
}

MaybeSettings roll_settings(Random& random, const Shape& shape) {
  MaybeSettings s = axis_settings(random, shape);
  if (s) s->list = {between(random, -2, 2)};
  return s;
}

MaybeSettings pad_settings(Random& random, const Shape& shape) {
  if (shape.empty()) return std::nullopt;
  Settings s;
  for (std::size_t i = 0; i < 2 * shape.size(); ++i) s.list.push_back(between(random, 0, 1));
  return s;
}

MaybeSettings permute_settings(Random& random, const Shape& shape) {
  if (shape.size() < 2) return std::nullopt;
  Settings s;
  s.list = every_axis(shape.size());
  random.shuffle(std::span(s.list.data(), s.list.size()));
  return s;
}

MaybeSettings reshape_settings(Random& random, const Shape& shape) {
  const std::int64_t n = element_count(shape, "reshape");
  std::vector<Shape> shapes{{-1}, {n}, {1, n}, {n, 1}, {1, -1, 1}};
  if (n == 1) shapes.push_back({});
  if (n % 2 == 0) shapes.insert(shapes.end(), {{2, n / 2}, {n / 2, 2}, {-1, 2}});
  Settings s;
  s.shape = any_of(random, shapes);
  return s;
}

MaybeSettings expand_settings(Random& random, const Shape& shape) {
  Settings s;
  s.shape = shape;
  for (std::int64_t& size : s.shape)
    if (size == 1) size = between(random, 1, 3);
  if (random.bernoulli()) s.shape.insert(0, between(random, 1, 2));
  return s;
}

MaybeSettings select_settings(Random& random, const Shape& shape) {
  MaybeSettings s = axis_settings(random, shape);
  if (!s) return s;
  const std::int64_t size = shape[axis_of(s->k, shape.size(), "index_select")];
  const std::int64_t count = between(random, 1, 3);
  for (std::int64_t i = 0; i < count; ++i) s->list.push_back(between(random, 0, size - 1));
  return s;
}

MaybeSettings gather_settings(Random& random, const Shape& shape) {
  MaybeSettings s = axis_settings(random, shape);
  if (!s) return s;
  const std::size_t axis = axis_of(s->k, shape.size(), "gather");
  s->shape = shape;
  for (std::size_t i = 0; i < shape.size(); ++i)
    s->shape[i] = i == axis ? between(random, 1, 2) : between(random, 1, shape[i]);
  const std::int64_t count = element_count(s->shape, "gather");
  for (std::int64_t i = 0; i < count; ++i) s->list.push_back(between(random, 0, shape[axis] - 1));
  return s;
}

MaybeSettings diagonal_settings(Random& random, const Shape& shape) {
  if (shape.size() != 2 && shape.size() != 1) return std::nullopt;
  Settings s;
  s.k = shape.size() == 1 ? between(random, -1, 1) : between(random, 1 - shape[0], shape[1] - 1);
  return s;
}

MaybeSettings triangle_settings(Random& random, const Shape& shape) {
  if (shape.size() < 2) return std::nullopt;
  Settings s;
  s.k = between(random, -1, 1);
  s.flag = random.bernoulli();
  return s;
}

MaybeSettings concat_settings(Random& random, Types types) {
  return axis_settings(random, types[0].shape);
}

MaybeSettings stack_settings(Random& random, Types types) {
  Settings s;
  s.k = any_axis(random, types[0].shape.size() + 1);
  return s;
}

// ---- Tensor forms that need more than a call ----------------------------------------------------

Tensor padded(const Settings& s, const Tensor& x) {
  const std::size_t rank = s.list.size() / 2;
  return pad(x, Extents(s.list.data(), rank), Extents(s.list.data() + rank, rank));
}

/// An operation that adds zeros to the elements of x; the scalar form marks them by -1.
template <class Draw, class F>
ProgramOperation filling(std::string_view name, Draw draw, F f) {
  ProgramOperation operation = moving(name, draw, f);
  operation.scalars = [f](const Settings& s, ScalarValues x, Decisions&) {
    const Tensor from_one = Tensor(positions(x[0].type.shape)) + 1.0;
    return elements_at(f(s, from_one) - 1.0, x[0].elements);
  };
  return operation;
}

Indices indices_of(const Settings& s) {
  return Indices(std::span<const std::int64_t>(s.list.data(), s.list.size()));
}

}  // namespace

std::vector<ProgramOperation> arrangement_operations() {
  return {
      moving(
          "slice", slice_settings,
          [](const Settings& s, const Tensor& x) {
            return slice(x, s.k, Slice{s.list[0], s.list[1], s.list[2]});
          },
          3),
      moving("flip", axis_settings,
             [](const Settings& s, const Tensor& x) { return flip(x, s.k); }),
      moving("roll", roll_settings,
             [](const Settings& s, const Tensor& x) { return roll(x, s.list[0], s.k); }),
      filling("pad", pad_settings, padded),
      moving("reshape", reshape_settings,
             [](const Settings& s, const Tensor& x) { return reshape(x, s.shape); }),
      moving("permute", permute_settings,
             [](const Settings& s, const Tensor& x) { return permute(x, s.list); }),
      moving("expand", expand_settings,
             [](const Settings& s, const Tensor& x) { return expand(x, s.shape); }),
      moving(
          "index_select", select_settings,
          [](const Settings& s, const Tensor& x) { return index_select(x, s.k, indices_of(s)); },
          2),
      moving("gather", gather_settings,
             [](const Settings& s, const Tensor& x) {
               const std::span<const std::int64_t> list(s.list.data(), s.list.size());
               return gather(x, s.k, Indices(list, s.shape));
             }),
      filling("diag", diagonal_settings,
              [](const Settings& s, const Tensor& x) { return diag(x, s.k); }),
      filling(
          "triangle", triangle_settings,
          [](const Settings& s, const Tensor& x) { return s.flag ? tril(x, s.k) : triu(x, s.k); }),
      joining("concat", concat_settings,
              [](const Settings& s, const std::vector<Tensor>& x) { return concat(x, s.k); }),
      joining("stack_tensors", stack_settings,
              [](const Settings& s, const std::vector<Tensor>& x) { return stack(x, s.k); }),
  };
}

}  // namespace chainrule::testing

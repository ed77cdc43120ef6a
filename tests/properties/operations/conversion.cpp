// Conversions between scalars and tensors, and constants made from values.
#include "tests/properties/operations/common.hpp"

namespace chainrule::testing {
namespace {

ProgramOperation tensor_of_scalar() {
  return {.name = "tensor",
          .weight = 2,
          .settings = [](Random&, Types t) -> MaybeSettings {
            if (t[0].kind != Kind::scalar) return std::nullopt;
            return Settings{};
          },
          .tensors = [](const Settings&, TensorValues x) { return tensor(as_var(x[0])); },
          .scalars = [](const Settings&, ScalarValues x,
                        Decisions&) { return ScalarValue::tensor({}, x[0].elements); }};
}

ProgramOperation stack_of_scalars() {
  return {.name = "stack",
          .min_operands = 1,
          .max_operands = 4,
          .weight = 6,
          .settings = [](Random&, Types types) -> MaybeSettings {
            bool is_constant = true;
            for (const Type& type : types) {
              if (is_tensor(type)) return std::nullopt;
              if (type.kind == Kind::scalar) is_constant = false;
            }
            if (is_constant) return std::nullopt;
            return Settings{};
          },
          .tensors =
              [](const Settings&, TensorValues x) {
                std::vector<Var> scalars;
                for (const TensorValue& value : x) scalars.push_back(as_var(value));
                return stack(std::span<const Var>(scalars));
              },
          .scalars =
              [](const Settings&, ScalarValues x, Decisions&) {
                std::vector<Var> elements;
                for (const ScalarValue& value : x) elements.push_back(value.elements[0]);
                const auto size = static_cast<std::int64_t>(elements.size());
                return ScalarValue::tensor({size}, elements);
              }};
}

ProgramOperation scalar_of_tensor() {
  return {.name = "Var",
          .weight = 4,
          .settings = [](Random&, Types t) -> MaybeSettings {
            if (!is_tensor(t[0]) || t[0].size() != 1) return std::nullopt;
            return Settings{};
          },
          .tensors = [](const Settings&, TensorValues x) { return Var(tensor_of(x[0])); },
          .scalars = [](const Settings&, ScalarValues x,
                        Decisions&) { return ScalarValue::scalar(x[0].elements[0]); }};
}

Var element_of(const Tensor& x, const Extents& index) {
  switch (index.size()) {
    case 0:
      return x.element({});
    case 1:
      return x.element({index[0]});
    case 2:
      return x.element({index[0], index[1]});
    default:
      return x.element({index[0], index[1], index[2]});
  }
}

ProgramOperation element() {
  return {.name = "element",
          .weight = 4,
          .settings = [](Random& random, Types t) -> MaybeSettings {
            if (!is_tensor(t[0]) || t[0].size() == 0 || t[0].shape.size() > 3) return std::nullopt;
            Settings s;
            for (const std::int64_t size : t[0].shape)
              s.list.push_back(between(random, -size, size - 1));
            return s;
          },
          .tensors = [](const Settings& s,
                        TensorValues x) { return element_of(tensor_of(x[0]), s.list); },
          .scalars =
              [](const Settings& s, ScalarValues x, Decisions&) {
                const Var place = element_of(Tensor(positions(x[0].type.shape)), s.list);
                return ScalarValue::scalar(x[0].elements.at(std::size_t(place.value())));
              }};
}

ProgramOperation detached() {
  return {.name = "detach",
          .settings = [](Random&, Types t) -> MaybeSettings {
            if (!is_tensor(t[0])) return std::nullopt;
            return Settings{};
          },
          .tensors = [](const Settings&, TensorValues x) { return detach(tensor_of(x[0])); },
          .scalars =
              [](const Settings&, ScalarValues x, Decisions&) {
                ScalarValue result{x[0].type, {}};
                for (const Var& element : x[0].elements)
                  result.elements.emplace_back(element.value());
                return result;
              }};
}

}  // namespace

std::vector<ProgramOperation> conversion_operations() {
  return {tensor_of_scalar(), stack_of_scalars(), scalar_of_tensor(), element(), detached()};
}

}  // namespace chainrule::testing

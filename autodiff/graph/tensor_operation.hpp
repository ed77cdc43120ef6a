// Makes the TensorOperation of a structural rule. A program needs this header for rules of its own.
#pragma once

#include <new>

#include "autodiff/graph/outside_operation.hpp"
#include "autodiff/graph/tensor.hpp"
#include "autodiff/graph/tensor_operation_type.hpp"
#include "autodiff/values/pool.hpp"

namespace chainrule::detail {

/// The parameters stored for a node; nothing is stored if the rule has none.
template <class Rule>
const typename Rule::Parameters& parameters_of([[maybe_unused]] const void* parameters) {
  using Parameters = typename Rule::Parameters;
  if constexpr (std::is_empty_v<Parameters>) {
    static constexpr Parameters none{};
    return none;
  } else {
    return *static_cast<const Parameters*>(parameters);
  }
}

template <class Rule, class T>
Adjoint<T> structural_adjoint(const void* parameters, std::size_t k, const T* const* x,
                              std::size_t count, const T& result, const Adjoint<T>& adjoint) {
  const auto& p = parameters_of<Rule>(parameters);
  // Every branch returns the result of a call directly, so that it is constructed in place: moving
  // it would take measurable time.
  if constexpr (Rule::arity < 0) {
    const auto adjoint_of = [&]() -> decltype(auto) {
      return Rule::operand_adjoint(p, k, OperandList<T>(x, count), result, adjoint);
    };
    if constexpr (std::is_same_v<std::decay_t<decltype(adjoint_of())>, Zero>)
      return {};
    else
      return adjoint_of();
  } else {
    return at_place<Rule::arity>(k, [&]<int operand>() -> Adjoint<T> {
      return unpack<Rule::arity>(x, [&](const auto*... operands) -> Adjoint<T> {
        using Given = decltype(partial<Rule, operand>(p, *operands..., result, adjoint));
        if constexpr (std::is_same_v<std::decay_t<Given>, Zero>)
          return {};
        else
          return partial<Rule, operand>(p, *operands..., result, adjoint);
      });
    });
  }
}

template <class Rule>
Array structural_value(const void* parameters, const Array* const* x, std::size_t count) {
  const auto& p = parameters_of<Rule>(parameters);
  if constexpr (Rule::arity < 0)
    return value_of<Rule>(p, OperandList<Array>(x, count));
  else
    return unpack<Rule::arity>(
        x, [&](const auto*... operands) { return value_of<Rule>(p, *operands...); });
}

template <class Rule>
constexpr TensorOperation make_structural_operation() {
  using Parameters = typename Rule::Parameters;
  TensorOperation operation;
  operation.notation = Rule::notation;
  operation.arity = Rule::arity;
  operation.value = structural_value<Rule>;
  if constexpr (requires { &Rule::add_adjoint; }) {
    operation.add_adjoint = [](const void* p, const Array& adjoint, Array& sum) {
      Rule::add_adjoint(parameters_of<Rule>(p), adjoint, sum);
    };
  } else {
    operation.adjoint = structural_adjoint<Rule, Array>;
    operation.recorded_adjoint = structural_adjoint<Rule, Tensor>;
  }
  if constexpr (!std::is_empty_v<Parameters>) {
    operation.copy_parameters = [](const void* p) -> void* {
      return new (take_block(sizeof(Parameters))) Parameters(*static_cast<const Parameters*>(p));
    };
    operation.destroy_parameters = [](void* p) noexcept {
      static_cast<Parameters*>(p)->~Parameters();
      return_block(p, sizeof(Parameters));
    };
    if constexpr (requires(const Parameters& p) { Rule::describe(p); })
      operation.describe = [](const void* p) -> std::string {
        return Rule::describe(*static_cast<const Parameters*>(p));
      };
  }
  return operation;
}

template <class Rule>
inline constexpr TensorOperation structural_operation = make_structural_operation<Rule>();

/// Listed operations are instantiated explicitly; including this header instantiates any other.
template <class Rule>
const TensorOperation& structural_operation_of() {
  return structural_operation<Rule>;
}

}  // namespace chainrule::detail

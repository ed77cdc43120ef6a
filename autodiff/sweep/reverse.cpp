#include "autodiff/sweep/reverse.hpp"

#include <array>
#include <cstring>

#include "autodiff/graph/operation.hpp"

// How one node leads to the next. With CHAINRULE_TAIL_CALLS each operation ends in a jump to the next
// one: no loop, no call, everything in registers, and the processor predicts each operation's
// successor by itself. That relies on the compiler turning tail calls into jumps, which optimised
// builds of GCC and clang do and sanitized builds do not; those loop.
#ifndef CHAINRULE_TAIL_CALLS
#define CHAINRULE_TAIL_CALLS 0
#endif

namespace chainrule {

namespace {

constexpr bool tail_calls = CHAINRULE_TAIL_CALLS != 0;

/// The next nodes are fetched this far ahead: the hardware does not see four arrays read downwards.
constexpr std::size_t prefetch_distance = 4096;

enum class Keep { all, variables };

/// What a step needs rarely.
struct Context {
  const Tape& tape;
  Id kept;
};

/// Takes the adjoint of node i, passes contributions on, and goes on to node i - 1: by a jump, or by
/// returning what it has for node i - 1. (Six words and a number, just what is passed in registers.)
using Step = double (*)(double adjoint, std::size_t i, double* adjoints, const double* values,
                        const std::uint64_t* operands, const OpCode* codes, const Context* context);

/// The step of each code, and one for nodes that nothing reached.
constexpr std::size_t nothing_reached = 255;
template <Keep keep>
struct Steps {
  static const std::array<Step, 256> table;
};

/// Adds adjoint * partial to an operand. To the node just below, it goes in a register (`carry`):
/// adding in memory would make chains wait for each store to be read back.
template <class Partial>
[[gnu::always_inline]] inline void pass(OperandRef to, double adjoint, const Partial& partial, double& carry, std::size_t i,
                 double* adjoints) {
  if constexpr (std::is_same_v<Partial, Zero>) {
    return;
  } else if constexpr (requires { partial.open; }) {
    if (partial.open) pass(to, adjoint, partial.partial, carry, i, adjoints);
  } else if (to + std::size_t{1} == i) {
    carry += adjoint * partial;
    if (is_untouched(carry)) [[unlikely]] carry = 0.0;
  } else {
    adjoints[to] += adjoint * partial + 0.0;  // + 0.0 makes a contribution of -0 count as one
  }
}

template <Keep keep>
[[gnu::always_inline]] inline double proceed(double carry, std::size_t i, double* adjoints, const double* values,
                      const std::uint64_t* operands, const OpCode* codes, const Context* context) {
  if constexpr (tail_calls) {
    --i;
    if (i % 8 == 0) {    __builtin_prefetch(adjoints + i - prefetch_distance, 1);
    __builtin_prefetch(values + i - prefetch_distance);
    __builtin_prefetch(operands + i - prefetch_distance);
    __builtin_prefetch(codes + i - prefetch_distance);}
    const double adjoint = adjoints[i] + carry;
    if (is_untouched(adjoint)) [[unlikely]]
      return Steps<keep>::table[nothing_reached](adjoint, i, adjoints, values, operands, codes,
                                                 context);
    return Steps<keep>::table[static_cast<std::size_t>(codes[i])](adjoint, i, adjoints, values,
                                                                  operands, codes, context);
  } else {
    return carry;
  }
}

template <Keep keep>
double skip(double, std::size_t i, double* adjoints, const double* values,
            const std::uint64_t* operands, const OpCode* codes, const Context* context) {
  if (i == 0) return untouched;
  return proceed<keep>(untouched, i, adjoints, values, operands, codes, context);
}

template <Keep keep>
double variable_step(double adjoint, std::size_t i, double* adjoints, const double* values,
                     const std::uint64_t* operands, const OpCode* codes, const Context* context) {
  adjoints[i] = keep == Keep::all || i < context->kept ? adjoint : untouched;
  if (i == 0) return untouched;
  return proceed<keep>(untouched, i, adjoints, values, operands, codes, context);
}

template <Keep keep, class Rule, Form form>
double step(double adjoint, std::size_t i, double* adjoints, const double* values,
            const std::uint64_t* operands, const OpCode* codes, const Context* context) {
  const std::uint64_t stored = operands[i];
  const auto first = static_cast<OperandRef>(stored);
  const auto second = static_cast<OperandRef>(stored >> 32);
  const double result = values[i];
  adjoints[i] = keep == Keep::all ? adjoint : untouched;
  double carry = untouched;
  if constexpr (Rule::arity == 1) {
    pass(first, adjoint, Rule::dx(values[first], result), carry, i, adjoints);
  } else {
    const double* constants = context->tape.constants.data();
    const double x = form == Form::constant_left ? constants[first & ~constant_bit] : values[first];
    const double y =
        form == Form::constant_right ? constants[second & ~constant_bit] : values[second];
    if constexpr (form != Form::constant_left)
      pass(first, adjoint, Rule::dx(x, y, result), carry, i, adjoints);
    if constexpr (form != Form::constant_right)
      pass(second, adjoint, Rule::dy(x, y, result), carry, i, adjoints);
  }
  return proceed<keep>(carry, i, adjoints, values, operands, codes, context);
}

/// A node of three operands, or of an operation from outside: by its run-time description.
template <Keep keep>
double wide_step(double adjoint, std::size_t i, double* adjoints, const double* values,
                 const std::uint64_t* operands, const OpCode* codes, const Context* context) {
  const std::uint32_t* entry = context->tape.wide.data() + operands[i];
  const Operation* operation;
  std::memcpy(&operation, entry, sizeof operation);
  const OperandRef* refs = entry + 2;
  double x[max_arity] = {};
  unsigned wanted = 0;
  for (int k = 0; k < operation->arity; ++k) {
    const bool is_constant = (refs[k] & constant_bit) != 0;
    x[k] = is_constant ? context->tape.constants[refs[k] & ~constant_bit] : values[refs[k]];
    if (!is_constant) wanted |= 1u << k;
  }
  Flow<double> flows[max_arity];
  operation->partials(x, values[i], wanted, flows);
  adjoints[i] = keep == Keep::all ? adjoint : untouched;
  double carry = untouched;
  for (int k = 0; k < operation->arity; ++k)
    if (flows[k].open) pass(refs[k], adjoint, flows[k].partial, carry, i, adjoints);
  return proceed<keep>(carry, i, adjoints, values, operands, codes, context);
}

template <Keep keep, class Rule>
constexpr void list_rule(std::array<Step, 256>& steps) {
  const auto at = [&](Form form) -> Step& {
    return steps[static_cast<std::size_t>(code_of<Rule>(form))];
  };
  at(Form::nodes) = step<keep, Rule, Form::nodes>;
  if constexpr (Rule::arity == 2) {
    at(Form::constant_right) = step<keep, Rule, Form::constant_right>;
    at(Form::constant_left) = step<keep, Rule, Form::constant_left>;
  }
}

template <Keep keep, class... Rule>
constexpr std::array<Step, 256> list_steps(RuleList<Rule...>) {
  std::array<Step, 256> steps{};
  steps.fill(skip<keep>);
  steps[static_cast<std::size_t>(OpCode::variable)] = variable_step<keep>;
  steps[static_cast<std::size_t>(OpCode::wide)] = wide_step<keep>;
  const auto list = [&]<class Listed>(const Listed*) {
    if constexpr (has_code<Listed>) list_rule<keep, Listed>(steps);
  };
  (list(static_cast<const Rule*>(nullptr)), ...);
  return steps;
}

template <Keep keep>
constinit const std::array<Step, 256> Steps<keep>::table = list_steps<keep>(Operations{});

template <Keep keep>
void sweep(const Tape& tape, Id top, Id kept, double* adjoints) {
  const Context context{tape, kept};
  std::size_t i = top + std::size_t{1};
  if constexpr (tail_calls) {
    proceed<keep>(untouched, i, adjoints, tape.values, tape.operands, tape.codes, &context);
  } else {
    double carry = untouched;
    while (i-- > 0) {
      const double adjoint = adjoints[i] + carry;
      const std::size_t code =
          is_untouched(adjoint) ? nothing_reached : static_cast<std::size_t>(tape.codes[i]);
      const Step next = Steps<keep>::table[code];
      carry = next(adjoint, i, adjoints, tape.values, tape.operands, tape.codes, &context);
    }
  }
}

}  // namespace

void sweep_all(const Tape& tape, Id top, double* adjoints) {
  sweep<Keep::all>(tape, top, 0, adjoints);
}

void sweep_variables(const Tape& tape, Id top, Id kept, double* adjoints) {
  sweep<Keep::variables>(tape, top, kept, adjoints);
}

}  // namespace chainrule

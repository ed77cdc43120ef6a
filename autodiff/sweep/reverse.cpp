#include "autodiff/sweep/reverse.hpp"

#include <array>

#include "autodiff/graph/node.hpp"
#include "autodiff/rules/operations.hpp"
#include "autodiff/sweep/tensor_passes.hpp"

// How the sweep goes from one node to the next. With CHAINRULE_TAIL_CALLS, the function of each
// operation ends in a jump to that of the next node: there is no loop and no call, everything is in
// registers, and the processor predicts the successor of each operation separately. This relies on
// the compiler turning tail calls into jumps. Optimised builds of GCC and clang do so; builds with
// sanitizers do not, and they loop.
#ifndef CHAINRULE_TAIL_CALLS
#define CHAINRULE_TAIL_CALLS 0
#endif

// clang turns each of these calls into a jump if told to; otherwise not always, if a rule is too
// long to be inlined. GCC cannot be told, but does it.
#if CHAINRULE_TAIL_CALLS && defined(__clang__)
#define CHAINRULE_JUMP [[clang::musttail]]
#else
#define CHAINRULE_JUMP
#endif

namespace chainrule::detail {

namespace {

constexpr bool tail_calls = CHAINRULE_TAIL_CALLS != 0;

/// The sweep prefetches nodes this far ahead, eight at a time. The hardware does not recognise
/// arrays that code with jumps reads downwards. The distance exceeds that to which loops of a
/// program usually refer back.
constexpr std::size_t prefetch_distance = 4096;

enum class Keep { all, variables };

/// Data that steps rarely need.
struct Context {
  const Tape& tape;
  Id kept;
  TensorAdjoints& tensors;
};

/// Takes the adjoint of node i, whose record is `word`, passes contributions to its operands, and
/// continues with node i - 1: by a jump, or by returning the contribution to node i - 1. (Six
/// integer arguments and a double are as many as are passed in registers.)
using Step = double (*)(double adjoint, double* adjoints, const Entry* entries,
                        const double* constants, const Context* context, std::size_t i, Word word);

/// The step for each code, and one for nodes that are not reached.
constexpr std::size_t nothing_reached = 255;
template <Keep keep>
struct Steps {
  static const std::array<Step, 256> table;
};

/// Adds adjoint * partial to the adjoint of an operand. A contribution to node i - 1 stays in a
/// register (`carry`): in memory, a chain of operations would wait for each store to be read back.
template <class Partial>
[[gnu::always_inline]] inline void pass(Id to, double adjoint, const Partial& partial,
                                        double& carry, std::size_t i, double* adjoints) {
  if constexpr (std::is_same_v<Partial, Zero>) {
    return;
  } else if constexpr (requires { partial.open; }) {
    if (partial.open) pass(to, adjoint, partial.partial, carry, i, adjoints);
  } else if (to + std::size_t{1} == i) {
    carry += adjoint * partial;
    if (is_untouched(carry)) [[unlikely]]
      carry = 0.0;
  } else {
    adjoints[to] += contribution(adjoint * partial);
  }
}

template <Keep keep>
[[gnu::always_inline]] inline double proceed(double carry, double* adjoints, const Entry* entries,
                                             const double* constants, const Context* context,
                                             std::size_t i, Word word) {
  if constexpr (tail_calls) {
    --i;
    if (i % 8 == 0) {
      __builtin_prefetch(adjoints + i - prefetch_distance, 1);
      __builtin_prefetch(entries + i - prefetch_distance);
      __builtin_prefetch(entries + i - prefetch_distance + 4);
    }
    const double adjoint = adjoints[i] + carry;
    word = entries[i].word;
    if (is_untouched(adjoint)) [[unlikely]]
      CHAINRULE_JUMP return Steps<keep>::table[nothing_reached](adjoint, adjoints, entries,
                                                                constants, context, i, word);
    CHAINRULE_JUMP return Steps<keep>::table[static_cast<std::size_t>(code_in(word))](
        adjoint, adjoints, entries, constants, context, i, word);
  } else {
    return carry;
  }
}

template <Keep keep>
double skip(double, double* adjoints, const Entry* entries, const double* constants,
            const Context* context, std::size_t i, Word word) {
  if (i == 0) return untouched;
  CHAINRULE_JUMP return proceed<keep>(untouched, adjoints, entries, constants, context, i, word);
}

template <Keep keep>
double variable_step(double adjoint, double* adjoints, const Entry* entries,
                     const double* constants, const Context* context, std::size_t i, Word word) {
  for (;;) {
    adjoints[i] = keep == Keep::all || i < context->kept ? adjoint : untouched;
    if (i == 0) return untouched;
    // Variables are usually adjacent, and have no contribution to the next node: loop over them.
    if (!tail_calls || code_in(entries[i - 1].word) != OpCode::variable) break;
    adjoint = adjoints[--i];
  }
  CHAINRULE_JUMP return proceed<keep>(untouched, adjoints, entries, constants, context, i, word);
}

template <Keep keep, class Rule, Form form>
double step(double adjoint, double* adjoints, const Entry* entries, const double* constants,
            const Context* context, std::size_t i, Word word) {
  const Id first = first_in(word), second = second_in(word);
  const double result = entries[i].value;
  adjoints[i] = keep == Keep::all ? adjoint : untouched;
  double carry = untouched;
  if constexpr (Rule::arity == 1) {
    pass(first, adjoint, partial<Rule, 0>(entries[first].value, result), carry, i, adjoints);
  } else {
    const double x = form == Form::constant_left ? constants[first] : entries[first].value;
    const double y = form == Form::constant_right ? constants[second] : entries[second].value;
    if constexpr (form != Form::constant_left)
      pass(first, adjoint, partial<Rule, 0>(x, y, result), carry, i, adjoints);
    if constexpr (form != Form::constant_right)
      pass(second, adjoint, partial<Rule, 1>(x, y, result), carry, i, adjoints);
  }
  CHAINRULE_JUMP return proceed<keep>(carry, adjoints, entries, constants, context, i, word);
}

/// Passes on the adjoint of a node with three operands, or of an operation from outside the
/// library, by its run-time description, and returns the carry. This is a separate function because
/// it takes addresses of its locals, and a step whose frame may still be referred to could not end
/// in a jump.
[[gnu::noinline]] double pass_wide(double adjoint, double* adjoints, const Context& context, Id i) {
  const Node node = read_node(context.tape, i);
  double x[max_arity] = {};
  unsigned wanted = 0;
  for (int k = 0; k < node.arity; ++k) {
    const NodeOperand& operand = node.operands[static_cast<std::size_t>(k)];
    x[k] = operand.value;
    if (!operand.is_constant) wanted |= 1u << k;
  }
  Flow<double> flows[max_arity];
  node.operation->partials(x, node.value, wanted, flows);
  double carry = untouched;
  for (int k = 0; k < node.arity; ++k)
    if (flows[k].open)
      pass(node.operands[static_cast<std::size_t>(k)].id, adjoint, flows[k].partial, carry, i,
           adjoints);
  return carry;
}

template <Keep keep>
double wide_step(double adjoint, double* adjoints, const Entry* entries, const double* constants,
                 const Context* context, std::size_t i, Word word) {
  const double carry = pass_wide(adjoint, adjoints, *context, static_cast<Id>(i));
  adjoints[i] = keep == Keep::all ? adjoint : untouched;
  CHAINRULE_JUMP return proceed<keep>(carry, adjoints, entries, constants, context, i, word);
}

// Separate functions for the same reason.
[[gnu::noinline]] void pass_tensor_node(double* adjoints, const Context& context, Word word,
                                        bool keep) {
  const std::size_t index = first_in(word);
  const TensorRecord& record = context.tape.tensors;
  record.passes->pass(context.tape, index, adjoints, context.tensors);
  if (!keep && record.nodes[index].arity > 0) context.tensors[index] = {};
}
[[gnu::noinline]] void pass_element_node(double adjoint, double* adjoints, const Context& context,
                                         Word word) {
  const TensorRecord& record = context.tape.tensors;
  record.passes->add_to_element(context.tape, record.elements[first_in(word)], adjoint, adjoints,
                                context.tensors);
}

template <Keep keep>
double tensor_step(double adjoint, double* adjoints, const Entry* entries, const double* constants,
                   const Context* context, std::size_t i, Word word) {
  pass_tensor_node(adjoints, *context, word, keep == Keep::all);
  adjoints[i] = keep == Keep::all || i < context->kept ? adjoint : untouched;
  if (i == 0) return untouched;
  CHAINRULE_JUMP return proceed<keep>(untouched, adjoints, entries, constants, context, i, word);
}

template <Keep keep>
double element_step(double adjoint, double* adjoints, const Entry* entries, const double* constants,
                    const Context* context, std::size_t i, Word word) {
  pass_element_node(adjoint, adjoints, *context, word);
  adjoints[i] = keep == Keep::all ? adjoint : untouched;
  CHAINRULE_JUMP return proceed<keep>(untouched, adjoints, entries, constants, context, i, word);
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
  steps[static_cast<std::size_t>(OpCode::tensor)] = tensor_step<keep>;
  steps[static_cast<std::size_t>(OpCode::element)] = element_step<keep>;
  const auto list = [&]<class Listed>(const Listed*) {
    if constexpr (has_code<Listed>) list_rule<keep, Listed>(steps);
  };
  (list(static_cast<const Rule*>(nullptr)), ...);
  return steps;
}

template <Keep keep>
constinit const std::array<Step, 256> Steps<keep>::table = list_steps<keep>(Operations{});

template <Keep keep>
void sweep(const Tape& tape, Id top, Id kept, double* adjoints, TensorAdjoints& tensors) {
  const Context context{tape, kept, tensors};
  const double* constants = tape.constants.data();
  std::size_t i = top + std::size_t{1};
  if constexpr (tail_calls) {
    proceed<keep>(untouched, adjoints, tape.entries, constants, &context, i, Word{});
  } else {
    double carry = untouched;
    while (i-- > 0) {
      const double adjoint = adjoints[i] + carry;
      const Word word = tape.entries[i].word;
      const std::size_t code =
          is_untouched(adjoint) ? nothing_reached : static_cast<std::size_t>(code_in(word));
      carry =
          Steps<keep>::table[code](adjoint, adjoints, tape.entries, constants, &context, i, word);
    }
  }
}

}  // namespace

void sweep_all(const Tape& tape, Id top, double* adjoints, TensorAdjoints& tensors) {
  sweep<Keep::all>(tape, top, 0, adjoints, tensors);
}

void sweep_variables(const Tape& tape, Id top, Id kept, double* adjoints, TensorAdjoints& tensors) {
  sweep<Keep::variables>(tape, top, kept, adjoints, tensors);
}

}  // namespace chainrule::detail

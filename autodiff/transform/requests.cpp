#include "autodiff/transform/requests.hpp"

#include <fmt/format.h>

#include "autodiff/structural/operands.hpp"

namespace chainrule::detail {
namespace {

[[noreturn]] void fail_constant_output(const std::string& what, const char* operation) {
  throw GraphError(fmt::format(
      "{}: the output is the constant {} and depends on no variable. Compute it from variable()s "
      "while their graph is recording; a conversion to a plain number ends the recording.",
      operation, what));
}

}  // namespace

void check_output(const Var& output, const char* operation) {
  if (output.is_constant()) fail_constant_output(fmt::format("{}", output.value()), operation);
}
void check_output(const Tensor& output, const char* operation) {
  if (output.is_constant())
    fail_constant_output("of shape " + text_of(detail::shape_of(output, operation)), operation);
}

void check_counts(std::size_t outputs, std::size_t seeds, const char* operation) {
  if (outputs == 0) throw GraphError(fmt::format("{}: there is no output", operation));
  if (outputs != seeds)
    throw GraphError(
        fmt::format("{}: {} outputs need as many seeds, not {}", operation, outputs, seeds));
}

void check_seed(const Tensor& output, const Tensor& seed, const char* operation) {
  if (seed.value().is_null()) detail::throw_unassigned(operation);
  if (!seed.value().has_shape(output.value().shape()))
    throw ShapeError(fmt::format("{}: the seed of an output of shape {} has shape {}", operation,
                                 text_of(output.shape()), text_of(seed.shape())));
  if (seed.dtype() != output.dtype())
    throw DTypeError(fmt::format("{}: the seed of a {} output is {}", operation,
                                 name_of(output.dtype()), name_of(seed.dtype())));
}

Tensor unit_seed(const Tensor& output, const char* operation) {
  if (output.value().is_null()) detail::throw_unassigned(operation);
  if (output.size() != 1)
    throw ShapeError(fmt::format(
        "{}: the output has shape {}, not one element. Reduce it with sum() or mean(), or give a "
        "seed for each element.",
        operation, text_of(output.shape())));
  return Array::filled(output.dtype(), output.value().shape(), 1.0);
}

void check_innermost(Tag tag, const char* operation) {
  if (&tape_of(tag, operation) != current_tape)
    throw GraphError(fmt::format(
        "{}: the Var belongs to an enclosing graph; a derivative is recorded into the innermost "
        "one. Call it before the inner graph begins or after it ends.",
        operation));
}

void fail_unused(const char* operation) {
  throw GraphError(fmt::format(
      "{}: asked for the derivative with respect to a parameter that was no variable of the "
      "output's graph when the output was computed: it was not used, or frozen.",
      operation));
}

void fail_constant_input(const char* operation, const std::string& constant) {
  throw GraphError(fmt::format(
      "{}: asked for the derivative with respect to {}. Make it a variable() to differentiate "
      "by it.",
      operation, constant));
}
void fail_constant_input(const char* operation, const Tensor& constant) {
  const std::string shape = text_of(shape_of(constant, operation));
  fail_constant_input(operation, fmt::format("a constant of shape {}", shape));
}

// ---- Recorded derivatives -----------------------------------------------------------------------

void check_input(const Var& x) {
  if (x.is_constant()) fail_constant_input("derivative", fmt::format("the constant {}", x.value()));
  check_innermost(x.tag(), "derivative");
}
void check_input(const Tensor& x) {
  if (x.is_constant()) fail_constant_input("derivative", x);
  check_innermost(x.tag(), "derivative");
}

RecordedSeed recorded_seed(const Var& output, const Var& weight) {
  return {output.tag(), {true, weight, {}}};
}
RecordedSeed recorded_seed(const Tensor& output, const Tensor& weight) {
  check_seed(output, weight, "derivative");
  return {output.tag(), {true, {}, Adjoint<Tensor>(weight)}};
}

}  // namespace chainrule::detail

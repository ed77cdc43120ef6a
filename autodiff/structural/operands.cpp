#include "autodiff/structural/operands.hpp"

#include <fmt/format.h>

#include "autodiff/core/error.hpp"

namespace chainrule {

void detail::throw_unassigned(const char* operation) {
  throw ShapeError(fmt::format("{}: the operand is a Tensor that was never assigned", operation));
}

}  // namespace chainrule

#include "nn/training/monitor.hpp"

#include <fmt/format.h>

#include "autodiff/core/error.hpp"
#include "nn/model/state.hpp"

namespace chainrule::nn::detail {

Mode required(std::optional<Mode> mode, const char* what) {
  if (!mode)
    throw DomainError(fmt::format(
        "{}: there is no mode. Write {{.mode = Mode::min}} if smaller values are better, as those "
        "of a loss, else {{.mode = Mode::max}}.",
        what));
  return *mode;
}

void check_state(std::span<const double> state, std::size_t size, const char* what) {
  if (state.size() != size)
    throw FormatError(
        fmt::format("{}::restore: {} numbers instead of {}", what, state.size(), size));
  for (std::size_t i = 1; i < size; ++i)
    if (!is_count(state[i]))
      throw FormatError(
          fmt::format("{}::restore: number {} is {} but must be a count", what, i, state[i]));
}

}  // namespace chainrule::nn::detail

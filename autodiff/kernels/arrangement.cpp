#include "autodiff/rules/arrangement.hpp"

#include <fmt/format.h>

#include "autodiff/core/error.hpp"
#include "autodiff/kernels/walk.hpp"

namespace chainrule {

Array Expand::value(const Parameters& p, const Array& x) {
  const Shape from(x.shape());
  if (broadcast(from, p.shape, "expand") != p.shape)
    throw ShapeError(fmt::format("expand: the shape {} cannot be stretched to {}", text_of(from),
                                 text_of(p.shape)));
  return broadcast_view(x, p.shape);
}

}  // namespace chainrule

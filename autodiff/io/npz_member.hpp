// The description of an array in a .npz file.
#pragma once

#include <string>

#include "autodiff/core/shape.hpp"

namespace chainrule {

/// An array in a .npz file, as its header describes it.
struct NpzMember {
  std::string name;
  std::string type;  ///< as NumPy names it: "<f8", "|b1", "<c16"; empty if it is damaged
  Shape shape;
  std::string problem;  ///< why the array cannot be read; empty if it can

  bool is_readable() const { return problem.empty(); }
};

}  // namespace chainrule

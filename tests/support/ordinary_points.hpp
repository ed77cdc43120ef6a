// Points at which each listed operation is smooth and the formula that it prints is accurate: for
// tests that iterate over all operations.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "autodiff/rules/operation.hpp"

namespace chainrule::testing {

using Point = std::array<double, max_arity>;  // unused operands are 0

/// Whether operand k is an order: an integer, with respect to which the operation cannot be
/// differentiated.
inline bool is_order(std::string_view operation, int k) {
  return k == 0 && (operation == "polygamma" || operation == "scaled_bessel" ||
                    operation == "gammainc_by_a" || operation == "gamma_density_by_a");
}
/// Whether nothing ever flows to operand k: an order, or a parameter that is a plain number.
inline bool is_not_variable(std::string_view operation, int k) {
  return is_order(operation, k) || (operation == "betainc" && k < 2);
}

/// Several points for each operation, on every piece of piecewise operations. An operation that is
/// not named gets the default points for its arity.
inline std::vector<Point> ordinary_points(const Operation& operation) {
  struct Row {
    std::vector<std::string_view> operations;
    std::vector<Point> points;
  };
  static const std::vector<Row> rows = {
      {{"log", "log2", "log10", "sqrt", "rsqrt", "lgamma", "digamma"},
       {{0.3}, {0.8}, {1.7}, {4.6}, {23.5}}},
      {{"tgamma"}, {{-1.6}, {-0.4}, {0.3}, {0.8}, {1.7}, {4.6}}},
      {{"gamma_density", "gammainc"},
       {{0.6, 0.3}, {1.4, 2.2}, {3.3, 1.7}, {2.6, 9.2}, {23.5, 21.0}}},
      {{"gamma_density_by_a", "gammainc_by_a"},
       {{1.0, 0.6, 0.4}, {0.0, 1.7, 2.4}, {1.0, 2.3, 1.7}, {2.0, 3.4, 5.6}, {3.0, 4.5, 2.9}}},
      {{"beta_density", "betainc"},
       {{0.7, 1.6, 0.2}, {2.4, 1.3, 0.6}, {3.1, 4.2, 0.45}, {1.2, 0.8, 0.55}}},
      {{"log1p"}, {{-0.7}, {-0.2}, {0.4}, {3.1}, {12.0}}},
      {{"asin", "acos", "atanh", "erfinv"}, {{-0.45}, {-0.2}, {0.15}, {0.3}, {0.48}}},
      {{"tan"}, {{-1.1}, {-0.4}, {0.3}, {0.9}}},
      {{"acosh"}, {{1.2}, {1.9}, {3.4}, {17.0}}},
      {{"logit"}, {{0.15}, {0.3}, {0.65}, {0.8}}},
      {{"tanhshrink"}, {{-2.6}, {-0.9}, {0.7}, {1.8}}},
      {{"floor", "ceil", "round", "trunc", "frac"}, {{-2.7}, {-1.2}, {0.3}, {1.6}, {3.3}}},
      {{"relu6", "hardtanh", "hardsigmoid", "hardswish"},
       {{-3.7}, {-2.2}, {-0.6}, {0.4}, {1.3}, {2.6}, {4.5}, {6.6}}},
      {{"softshrink", "hardshrink"},
       {{-1.4, 0.5}, {-0.3, 0.4}, {0.2, 0.7}, {0.9, 0.3}, {2.1, 1.2}}},
      {{"leaky_relu", "elu", "celu"}, {{-1.9, 0.8}, {-0.4, 1.5}, {0.6, 0.3}, {2.2, 1.1}}},
      {{"pow", "xlogy"}, {{0.4, 1.7}, {1.3, 0.6}, {2.1, 2.5}, {3.2, 1.2}}},
      {{"fmod", "remainder", "floor_mod"},
       {{7.3, 2.1}, {-7.3, 2.2}, {6.1, -1.9}, {-5.2, -1.6}, {0.7, 3.1}, {8.7, 2.4}}},
      {{"hypot"}, {{0.8, 1.9}, {-0.6, 1.3}, {1.7, -2.2}, {-1.1, -1.4}}},
      {{"polygamma"}, {{1.0, 0.7}, {1.0, 3.6}, {2.0, 1.8}, {3.0, 12.5}}},
      {{"scaled_bessel"}, {{0.0, 0.9}, {0.0, -4.2}, {1.0, 2.3}, {2.0, 6.7}}},
      {{"select"}, {{1.0, 0.7, -1.2}, {0.0, 0.7, -1.2}, {1.0, -0.4, 2.3}, {0.0, 1.9, 0.6}}},
      {{"clamp"}, {{0.4, -1.0, 1.0}, {-1.7, -1.1, 0.9}, {2.3, -0.6, 1.4}, {0.2, 1.5, -0.5}}},
  };
  for (const Row& row : rows)
    for (const std::string_view name : row.operations)
      if (name == operation.notation.name) return row.points;
  if (operation.arity == 1) return {{-2.3}, {-1.2}, {-0.4}, {0.3}, {0.8}, {1.9}, {2.6}};
  return {{1.4, 0.6}, {-0.7, 1.8}, {0.9, -2.1}, {-1.3, -0.8}, {2.2, 1.7}};
}

}  // namespace chainrule::testing

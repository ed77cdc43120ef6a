// Each pass finds its function for a rule by the rule's index in the list, or in the operation
// itself if that is from outside the library.
#include <doctest/doctest.h>

#include <cmath>

#include "autodiff/autodiff.hpp"
#include "autodiff/kernels/elementwise.hpp"
#include "autodiff/sweep/recorded_partials.hpp"
#include "autodiff/view/formulas.hpp"
#include "tests/support/ordinary_points.hpp"

using namespace chainrule;
using chainrule::testing::ordinary_points;
using chainrule::testing::Point;

namespace {

/// x y + z^2 where z is above 0: an operation with three operands.
struct Mixture : Ternary {
  static constexpr Notation notation = composed("mixture");
  static auto value(const auto& x, const auto& y, const auto& z) { return x * y + z * z; }
  static auto dx(const auto&, const auto& y, const auto&, const auto&) { return y; }
  static Zero dy(const auto&, const auto&, const auto&, const auto&) { return {}; }
  static auto dz(const auto&, const auto&, const auto& z, const auto&) {
    return only_if(z > 0.0, 2.0 * z);
  }
};

}  // namespace

template <>
inline constexpr bool chainrule::listed_outside<Mixture> = true;

namespace {

bool close(double a, double b) { return std::abs(a - b) <= 1e-12 * std::max(1.0, std::abs(b)); }

double number_of(const Flow<Tensor>& flow) {
  return flow.partial.value().is_null() ? flow.number : flow.partial.value().element(0);
}
bool is_open(const Flow<Tensor>& flow) {
  return flow.open && (flow.mask.is_null() || flow.mask.element(0) != 0.0);
}

/// Compares the recorded partials at a point with those of numbers.
void check_partials(const Operation& operation, const Point& point) {
  Graph graph;
  Var x[max_arity];
  Tensor t[max_arity];
  for (std::size_t k = 0; k < max_arity; ++k) {
    x[k] = variable(point[k]);
    t[k] = variable(Tensor(Array::scalar(DType::float64, point[k])));
  }
  const double result = operation.value(point.data());
  const unsigned all = (1u << operation.arity) - 1;
  Flow<double> flows[max_arity];
  Flow<Var> recorded[max_arity];
  Flow<Tensor> of_tensors[max_arity];
  operation.partials(point.data(), result, all, flows);
  recorded_partials(operation, x, Var(result), all, recorded);
  recorded_partials(operation, t, Tensor(Array::scalar(DType::float64, result)), all, of_tensors);
  for (int k = 0; k < operation.arity; ++k) {
    CAPTURE(k);
    CHECK(recorded[k].open == flows[k].open);
    CHECK(is_open(of_tensors[k]) == flows[k].open);
    if (!flows[k].open) continue;
    CHECK(close(recorded[k].partial.value(), flows[k].partial));
    CHECK(close(number_of(of_tensors[k]), flows[k].partial));
  }
}

/// The value of a rule, computed by the loop over arrays of doubles.
double by_loop(const Operation& operation, const Point& point) {
  Stream x[max_arity];
  for (std::size_t k = 0; k < max_arity; ++k) x[k] = {&point[k]};
  double out = 0.0;
  elementwise_loops(operation.index, DType::float64).value(x, &out, 1);
  return out;
}

}  // namespace

TEST_CASE("every pass has each listed operation at its index") {
  const Text names[max_arity] = {Text("x"), Text("y"), Text("z")};
  int index = 0;
  for (const Operation& operation : operations()) {
    const Notation notation = operation.notation;
    CAPTURE(notation.name);
    CHECK(operation.index == index++);
    CHECK(operation.is_listed());
    if (notation.is_primitive)
      CHECK(detail::formula(operation, names).str() ==
            write(notation, names, operation.arity).str());
    Flow<Text> formulas[max_arity];
    detail::partial_formulas(operation, names, Text("r"), 1u, formulas);
    for (const DType dtype : {DType::float32, DType::float64})
      CHECK(elementwise_loops(operation.index, dtype).arity == operation.arity);
    for (const Point& point : ordinary_points(operation)) {
      CHECK(close(by_loop(operation, point), operation.value(point.data())));
      check_partials(operation, point);
    }
  }
  CHECK(index == Operations::size);
}

TEST_CASE("every pass runs an operation from outside the library") {
  const Operation& operation = detail::recorded_operation_of<Mixture>();
  CHECK_FALSE(operation.is_listed());
  check_partials(operation, {1.5, -2.0, 3.0});
  check_partials(operation, {1.5, -2.0, -3.0});

  const Text names[] = {Text("x"), Text("y"), Text("z")};
  CHECK(detail::formula(operation, names).str() == "x * y + z * z");
  Flow<Text> formulas[max_arity];
  detail::partial_formulas(operation, names, Text("r"), 7u, formulas);
  CHECK(formulas[0].partial.str() == "y");
  CHECK_FALSE(formulas[1].open);
  CHECK(formulas[2].partial.str() == "select(z > 0, 2 * z, 0)");

  const Array x = Array::filled(DType::float64, Shape{2}, 1.5);
  CHECK(apply<Mixture>(x, -2.0, 3.0).element(1) == 6.0);

  Graph graph;
  const Tensor y = variable(Tensor(x));
  const Tensor z = variable(Tensor(Array::filled(DType::float64, Shape{2}, 3.0)));
  const Var total = sum(apply<Mixture>(y, -2.0, z));
  const Gradient d = gradient(total);
  CHECK(d[y].at({1}) == -2.0);
  CHECK(d[z].at({0}) == 6.0);
}

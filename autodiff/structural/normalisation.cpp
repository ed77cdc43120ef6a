#include "autodiff/structural/normalisation.hpp"

#include <fmt/format.h>

#include "autodiff/core/error.hpp"
#include "autodiff/kernels/elements.hpp"
#include "autodiff/kernels/reduce.hpp"
#include "autodiff/kernels/rows.hpp"
#include "autodiff/kernels/walk.hpp"
#include "autodiff/rules/exponential.hpp"

namespace chainrule {
using namespace detail;

namespace {

using RowLoop = void (*)(const void* x, void* out, std::size_t rows, std::size_t n);
using AdjointLoop = void (*)(const void* y, const void* adjoint, void* out, std::size_t rows,
                             std::size_t n);

Array along_rows(const Array& x, const AxisList& axes, const char* operation, RowLoop loop) {
  const RowsAlong rows(x, axes.of(x.rank(), operation));
  Array result = Array::like(rows.matrix);
  loop(rows.matrix.data(), result.mutable_data(), rows.rows, rows.columns);
  return rows.restored(result);
}

Array adjoint_along_rows(const Array& y, const Array& adjoint, const AxisList& list,
                         const char* operation, AdjointLoop loop) {
  if (!y.has_shape(adjoint.shape()))
    throw ShapeError(fmt::format("{}: results of shape {} and adjoints of shape {} differ",
                                 operation, text_of(Shape(y.shape())),
                                 text_of(Shape(adjoint.shape()))));
  const Axes axes = list.of(y.rank(), operation);
  const RowsAlong rows(y, axes), adjoints(adjoint, axes);
  Array flow = Array::like(rows.matrix);
  loop(rows.matrix.data(), adjoints.matrix.data(), flow.mutable_data(), rows.rows, rows.columns);
  return rows.restored(flow);
}

std::size_t last_axis(const Array& x, const char* operation) {
  return static_cast<std::size_t>(x.shape(axis_of(-1, x.rank(), operation)));
}
std::size_t rows_of(const Array& x) {
  const auto n = static_cast<std::size_t>(x.shape(x.rank() - 1));
  return n == 0 ? 0 : static_cast<std::size_t>(x.size()) / n;
}

}  // namespace

Array rules::Softmax::value(const Reduced& p, const Array& x) {
  return along_rows(x, p.axes, "softmax", row_loops(x.dtype()).softmax);
}
Array rules::LogSoftmax::value(const Reduced& p, const Array& x) {
  return along_rows(x, p.axes, "log_softmax", row_loops(x.dtype()).log_softmax);
}
Array rules::SoftmaxAdjoint::value(const Reduced& p, const Array& y, const Array& adjoint) {
  return adjoint_along_rows(y, adjoint, p.axes, "softmax_adjoint",
                            row_loops(y.dtype()).softmax_adjoint);
}
Array rules::LogSoftmaxAdjoint::value(const Reduced& p, const Array& y, const Array& adjoint) {
  return adjoint_along_rows(y, adjoint, p.axes, "log_softmax_adjoint",
                            row_loops(y.dtype()).log_softmax_adjoint);
}

Array rules::LogSumExp::value(const Reduced& p, const Array& x) {
  const Axes axes = p.axes.of(x.rank(), "logsumexp");
  const Array greatest = fold(Fold::maximum, x, axes, {true});
  // Infinity minus infinity is NaN; the result of infinite sums is their largest element.
  const Mask finite = abs(greatest) < std::numeric_limits<double>::infinity();
  const Array shift = select(finite, greatest, 0.0);
  const Array sum = fold(Fold::exponential_sum, x, axes, {true, 1.0, &shift});
  const Array result = select(finite, shift + log(sum), greatest);
  return in_shape(result, reduced_shape(Shape(x.shape()), axes, p.keepdims));
}

std::string detail::describe_epsilon(const Epsilon& p) {
  return fmt::format("epsilon={}", p.epsilon);
}

Array rules::StandardScale::value(const Parameters& p, const Array& operand) {
  const std::size_t n = last_axis(operand, "standard_scale");
  const Array x = contiguous(operand);
  Shape shape(x.shape());
  shape[shape.size() - 1] = 1;
  Array result = Array::uninitialised(x.dtype(), shape);
  row_loops(x.dtype()).standard_scale(x.data(), p.epsilon, result.mutable_data(), rows_of(x), n);
  return result;
}

Array rules::Standardised::value(const Parameters& p, const Array& operand) {
  const std::size_t n = last_axis(operand, "standardised");
  const Array x = contiguous(operand);
  Array result = Array::like(x);
  row_loops(x.dtype()).standardise(x.data(), nullptr, nullptr, p.epsilon, result.mutable_data(),
                                   rows_of(x), n);
  return result;
}

Array rules::StandardisedAdjoint::value(const Parameters& p, const Array& operand,
                                        const Array& adjoint) {
  const std::size_t n = last_axis(operand, "standardised_adjoint");
  if (!operand.has_shape(adjoint.shape()))
    throw ShapeError(fmt::format("standardised_adjoint: shapes {} and {} differ",
                                 text_of(Shape(operand.shape())), text_of(Shape(adjoint.shape()))));
  const Array x = contiguous(operand), a = contiguous(adjoint);
  Array flow = Array::like(x);
  row_loops(x.dtype()).standardise_adjoint(x.data(), a.data(), p.epsilon, flow.mutable_data(),
                                           rows_of(x), n);
  return flow;
}

Array rules::LayerNorm::value(const Parameters& p, const Array& operand, const Array& weight,
                              const Array& bias) {
  const std::size_t n = last_axis(operand, "layernorm");
  const Shape row{static_cast<std::int64_t>(n)};
  if (!weight.has_shape(row) || !bias.has_shape(row))
    throw ShapeError(fmt::format(
        "layernorm: for rows of the shape {} weight and bias must have the shape {}, not {} and {}",
        text_of(Shape(operand.shape())), text_of(row), text_of(Shape(weight.shape())),
        text_of(Shape(bias.shape()))));
  check_same_type("layernorm", operand, weight);
  check_same_type("layernorm", operand, bias);
  const Array x = contiguous(operand), w = contiguous(weight), b = contiguous(bias);
  Array result = Array::like(x);
  row_loops(x.dtype()).standardise(x.data(), w.data(), b.data(), p.epsilon, result.mutable_data(),
                                   rows_of(x), n);
  return result;
}

}  // namespace chainrule

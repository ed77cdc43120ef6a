#include "autodiff/structural/loss.hpp"

#include <fmt/format.h>

#include "autodiff/core/error.hpp"
#include "autodiff/kernels/dispatch.hpp"
#include "autodiff/kernels/kernels.hpp"
#include "autodiff/kernels/reduce.hpp"
#include "autodiff/kernels/walk.hpp"
#include "autodiff/structural/indexing.hpp"
#include "autodiff/values/array.hpp"
#include "autodiff/values/indices.hpp"
#include "autodiff/values/pool.hpp"

namespace chainrule {
using namespace detail;

namespace {

constexpr const char* name = "cross_entropy_with_logits";

const CrossEntropyLoops& cross_entropy_loops(DType dtype) {
  return detail::kernels().cross_entropies[dtype == DType::float32 ? 0 : 1];
}

/// Logits in row-major order, labels and class weights, checked against each other.
struct Examples {
  Array logits, weights;
  const std::int64_t* labels;
  const void* weight_data = nullptr;
  Shape shape;  // of the result
  std::size_t rows, classes;

  Examples(const CrossEntropyTarget& p, const Array& x)
      : labels(p.labels->data()), shape(x.shape()), rows(1) {
    if (x.rank() == 0) throw ShapeError(fmt::format("{}: logits of rank 0 have no classes", name));
    const std::int64_t last = shape.back();
    shape.erase(shape.size() - 1);
    if (p.labels->shape() != shape)
      throw ShapeError(
          fmt::format("{}: for logits of shape {} labels must have the shape {}, not {}", name,
                      text_of(Shape(x.shape())), text_of(shape), text_of(p.labels->shape())));
    p.labels->check_range(last, name);
    classes = static_cast<std::size_t>(last);
    for (const std::int64_t size : shape) rows *= static_cast<std::size_t>(size);
    logits = contiguous(x);
    if (p.class_weights == nullptr) return;
    if (!p.class_weights->has_shape(Shape{last}))
      throw ShapeError(fmt::format(
          "{}: for logits of shape {} class weights must have the shape "
          "[{}], not {}",
          name, text_of(Shape(x.shape())), last, text_of(Shape(p.class_weights->shape()))));
    if (p.class_weights->dtype() != x.dtype())
      throw DTypeError(
          fmt::format("{}: logits are {} and class weights {}. Convert one with "
                      "astype().",
                      name, name_of(x.dtype()), name_of(p.class_weights->dtype())));
    weights = contiguous(*p.class_weights);
    weight_data = weights.data();
  }
};

}  // namespace

CrossEntropyTarget cross_entropy_target(const Indices& labels, const Array& class_weights,
                                        double smoothing) {
  if (!(smoothing >= 0.0 && smoothing <= 1.0))
    throw DomainError(
        fmt::format("{}: a label smoothing of {} is not between 0 and 1", name, smoothing));
  CrossEntropyTarget target{detail::share(labels), nullptr, smoothing};
  if (!class_weights.is_null())
    target.class_weights = std::allocate_shared<const Array>(PoolAllocator<Array>(), class_weights);
  return target;
}

std::string detail::describe_cross_entropy(const CrossEntropyTarget& p) {
  std::string text = p.class_weights == nullptr ? "" : "weighted";
  if (p.smoothing != 0.0)
    text += fmt::format("{}smoothing={}", text.empty() ? "" : ", ", p.smoothing);
  return text;
}

Array cross_entropy_targets(const CrossEntropyTarget& p, const Array& logits) {
  const Examples examples(p, logits);
  Array targets = Array::like(examples.logits);
  with_type(targets.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto* const weights = static_cast<const T*>(examples.weight_data);
    T* out = targets.mutable_data_as<T>();
    const double each = p.smoothing / static_cast<double>(examples.classes);
    for (std::size_t r = 0; r < examples.rows; ++r)
      for (std::size_t k = 0; k < examples.classes; ++k, ++out) {
        const bool is_label = examples.labels[r] == static_cast<std::int64_t>(k);
        const double weight = weights == nullptr ? 1.0 : static_cast<double>(weights[k]);
        *out = static_cast<T>(weight * ((is_label ? 1.0 - p.smoothing : 0.0) + each));
      }
  });
  return targets;
}

Array detail::cross_entropy_weights(const CrossEntropyTarget& p, const Array& logits) {
  const Array targets = cross_entropy_targets(p, logits);
  return fold(Fold::sum, targets, Axes{static_cast<std::int64_t>(targets.rank()) - 1});
}

double cross_entropy_divisor(const CrossEntropyTarget& p) {
  if (p.class_weights == nullptr) return static_cast<double>(p.labels->size());
  double sum = 0.0;
  for (const std::int64_t label : *p.labels) sum += p.class_weights->element(label);
  return sum;
}

Array rules::CrossEntropy::value(const Parameters& p, const Array& x) {
  const Examples examples(p, x);
  Array losses = Array::uninitialised(x.dtype(), examples.shape);
  cross_entropy_loops(x.dtype()).cross_entropy(
      examples.logits.data(), examples.labels, examples.weight_data, p.smoothing,
      losses.mutable_data(), examples.rows, examples.classes);
  return losses;
}

Array rules::CrossEntropyAdjoint::value(const Parameters& p, const Array& x, const Array& adjoint) {
  const Examples examples(p, x);
  if (!adjoint.has_shape(examples.shape))
    throw ShapeError(fmt::format("cross_entropy_adjoint: adjoints of shape {} for losses of {}",
                                 text_of(Shape(adjoint.shape())), text_of(examples.shape)));
  // Usually one number, repeated.
  const bool is_row = adjoint.rank() == 1 || adjoint.is_contiguous();
  const Array a = is_row ? adjoint : contiguous(adjoint);
  const std::int64_t stride = a.rank() == 1 ? a.stride(0) : 1;
  Array flow = Array::like(examples.logits);
  cross_entropy_loops(x.dtype()).cross_entropy_adjoint(
      examples.logits.data(), examples.labels, examples.weight_data, p.smoothing, a.data(), stride,
      flow.mutable_data(), examples.rows, examples.classes);
  return flow;
}

}  // namespace chainrule

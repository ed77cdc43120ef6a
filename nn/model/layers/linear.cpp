#include "nn/model/layers/linear.hpp"

#include <fmt/format.h>

#include <cmath>

namespace chainrule::nn {
namespace {

void check_sizes(std::int64_t a, std::int64_t b, const char* layer) {
  if (a < 1 || b < 1)
    throw ShapeError(fmt::format("{}({}, {}): both sizes must be at least 1", layer, a, b));
}

Parameter initialised(const Initializer& given, const Initializer& by_default, const Shape& shape,
                      DType dtype, Random* random) {
  Random& stream = random != nullptr ? *random : default_random();
  return Parameter(Tensor((given ? given : by_default)(shape, dtype, stream)));
}

}  // namespace

Linear::Linear(std::int64_t in, std::int64_t out, const LinearOptions& options) {
  check_sizes(in, out, "Linear");
  const double bound = 1.0 / std::sqrt(static_cast<double>(in));
  const Initializer by_default = init::uniform(-bound, bound);
  weight = initialised(options.weight_init, by_default, {out, in}, options.dtype, options.random);
  if (options.bias)
    bias = initialised(options.bias_init, by_default, {out}, options.dtype, options.random);
}

Tensor Linear::forward(const Tensor& x) const {
  const Tensor w = weight();  // enters before the bias: the order of arguments is unspecified
  return bias.is_null() ? linear(x, w) : linear(x, w, bias());
}

std::string Linear::describe() const {
  return fmt::format("Linear({}, {}{})", weight.value().shape(1), weight.value().shape(0),
                     bias.is_null() ? ", no bias" : "");
}

Bias::Bias(const Shape& shape, DType dtype) {
  element_count(shape, "Bias");
  bias = Parameter(Tensor(Array::filled(dtype, shape, 0.0)));
}

std::string Bias::describe() const { return fmt::format("Bias({})", text_of(bias.shape())); }

Embedding::Embedding(std::int64_t count, std::int64_t size, const EmbeddingOptions& options) {
  check_sizes(count, size, "Embedding");
  weight = initialised(options.init, init::normal(), {count, size}, options.dtype, options.random);
}

Tensor Embedding::operator()(const Indices& indices) const {
  indices.check_range(weight.value().shape(0), "Embedding");
  return index_select(weight(), 0, indices);
}

std::string Embedding::describe() const {
  return fmt::format("Embedding({}, {})", weight.value().shape(0), weight.value().shape(1));
}

}  // namespace chainrule::nn

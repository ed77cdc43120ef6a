#include "nn/model/predict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "nn/model/pause.hpp"

namespace chainrule::nn {

Tensor predict(const Module& model, const Tensor& x, std::int64_t batch_size) {
  if (x.rank() == 0 || x.shape(0) == 0)
    throw ShapeError(fmt::format("predict: an input of shape {} has no rows", text_of(x.shape())));
  if (batch_size < 0)
    throw DomainError(
        fmt::format("predict: batch_size is {}; it must not be negative", batch_size));
  const detail::Pause pause(model);
  const Array& input = x.value();
  const std::int64_t rows = input.shape(0), size = batch_size > 0 ? batch_size : rows;
  std::vector<Tensor> outputs;
  for (std::int64_t first = 0; first < rows; first += size) {
    const Graph scratch;
    Shape shape(input.shape());
    shape[0] = std::min(size, rows - first);
    const Tensor output = model(input.view(shape, input.strides(), first * input.stride(0)));
    outputs.emplace_back(output.value());
  }
  return outputs.size() == 1 ? outputs[0] : concat(std::span<const Tensor>(outputs), 0);
}

}  // namespace chainrule::nn

#include "nn/model/sequential.hpp"

#include <fmt/format.h>

namespace chainrule::nn {

Module& Sequential::operator[](std::size_t i) {
  return const_cast<Module&>(std::as_const(*this)[i]);
}

const Module& Sequential::operator[](std::size_t i) const {
  if (i >= layers_.size())
    throw ShapeError(
        fmt::format("Sequential: there is no layer {}; there are {} layers", i, layers_.size()));
  return *layers_[i];
}

void Sequential::fail_type(std::size_t i) const {
  throw DomainError(
      fmt::format("Sequential: layer {} is of another type: {}", i, (*this)[i].describe()));
}

Tensor Sequential::forward(const Tensor& x) const {
  Tensor y = x;
  for (const Layer& layer : layers_) y = (*layer)(y);
  return y;
}

void Sequential::members(Members& visitor) {
  for (std::size_t i = 0; i < layers_.size(); ++i)
    visitor(fmt::format("layers.{}", i), *layers_[i]);
}

}  // namespace chainrule::nn

// The loops of the optimisers: one pass over the elements of a parameter, its gradient and its
// buffers.
#pragma once

#include <cmath>
#include <cstddef>
#include <utility>

#include "autodiff/parallel.hpp"
#include "nn/model/parameter.hpp"

namespace chainrule::nn::detail {

// __restrict: the arrays of one call do not overlap.
template <class T, class Rule, class... Buffer>
void update_in_place(const Rule& rule, std::size_t n, T* __restrict w, const T* __restrict g,
                     Buffer* __restrict... s) {
  for (std::size_t i = 0; i < n; ++i) w[i] = rule(w[i], g[i], s[i]...);
}
template <class T, class Rule, class... Buffer>
void update_over_gradient(const Rule& rule, std::size_t n, const T* __restrict w, T* __restrict g,
                          Buffer* __restrict... s) {
  for (std::size_t i = 0; i < n; ++i) g[i] = rule(w[i], g[i], s[i]...);
}
template <class T, class Rule, class... Buffer>
void update_apart(const Rule& rule, std::size_t n, const T* __restrict w, T* __restrict next,
                  const T* __restrict g, Buffer* __restrict... s) {
  for (std::size_t i = 0; i < n; ++i) next[i] = rule(w[i], g[i], s[i]...);
}

/// The elements of a buffer, to write to. Allocates the buffer at its first use, with all elements
/// `initial`, and copies it first if it is shared with a State.
template <class T>
T* elements_of(Array& buffer, const Array& like, double initial = 0.0) {
  if (buffer.is_null()) [[unlikely]]
    buffer = Array::filled(like.dtype(), like.shape(), initial);
  else if (!buffer.is_unique()) [[unlikely]]
    buffer = buffer * 1.0;
  return buffer.mutable_data_as<T>();
}

/// w = rule(w, g, s...) for every element, where the rule also updates the elements s of the
/// buffers. One pass over memory, divided among threads. The parameter takes over the memory of the
/// gradient if that is not shared. Precondition: all arrays have one shape and element type T.
template <class T, class Rule, class... Buffer>
void update_elements(Parameter& parameter, Array& gradient, const Rule& rule, Buffer*... s) {
  constexpr std::size_t grain = 16384;  // a few microseconds' work
  const auto n = static_cast<std::size_t>(gradient.size());
  T* const g = gradient.mutable_data_as<T>();
  const auto update = [&](const void* before, void* after) {
    const T* const old = static_cast<const T*>(before);
    T* const next = static_cast<T*>(after);
    parallel_for(n, grain, [&](std::size_t first, std::size_t last) {
      const std::size_t count = last - first;
      if (old == next)
        update_in_place<T>(rule, count, next + first, g + first, s + first...);
      else if (g == next)
        update_over_gradient<T>(rule, count, old + first, next + first, s + first...);
      else
        update_apart<T>(rule, count, old + first, next + first, g + first, s + first...);
    });
  };
  parameter.update(update, std::move(gradient));
}

}  // namespace chainrule::nn::detail

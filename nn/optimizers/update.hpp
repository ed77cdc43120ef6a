// The loops of the optimisers: one pass over the numbers of a parameter, its gradient and its
// buffers.
#pragma once

#include <cmath>
#include <cstdint>

#include "nn/parameter.hpp"

namespace chainrule::nn::detail {

template <class T, class Rule, class... Buffer>
void update_in_place(const Rule& rule, std::int64_t n, T* __restrict w, const T* __restrict g,
                     Buffer* __restrict... s) {
  for (std::int64_t i = 0; i < n; ++i) w[i] = rule(w[i], g[i], s[i]...);
}
template <class T, class Rule, class... Buffer>
void update_apart(const Rule& rule, std::int64_t n, const T* __restrict w, T* __restrict next,
                  const T* __restrict g, Buffer* __restrict... s) {
  for (std::int64_t i = 0; i < n; ++i) next[i] = rule(w[i], g[i], s[i]...);
}

/// The elements of a buffer to be changed: its own memory, made at the first use (all `initial`)
/// and apart from what was handed out as the state.
template <class T>
T* elements_of(Array& buffer, const Array& like, double initial = 0.0) {
  if (buffer.is_null()) [[unlikely]]
    buffer = Array::filled(like.dtype(), like.shape(), initial);
  else if (!buffer.is_unique()) [[unlikely]]
    buffer = buffer * 1.0;
  return buffer.mutable_data_as<T>();
}

/// w = rule(w, g, s...) for every element; the rule changes its s as it goes. Each element's
/// numbers are read and written once. Precondition: all arrays have one shape and element type T.
template <class T, class Rule, class... Buffer>
void update_elements(Parameter& parameter, const Array& gradient, const Rule& rule, Buffer*... s) {
  const std::int64_t n = gradient.size();
  const T* const g = gradient.data_as<T>();
  parameter.update([&](const void* old, void* next) {
    if (old == next)
      update_in_place<T>(rule, n, static_cast<T*>(next), g, s...);
    else
      update_apart<T>(rule, n, static_cast<const T*>(old), static_cast<T*>(next), g, s...);
  });
}

}  // namespace chainrule::nn::detail

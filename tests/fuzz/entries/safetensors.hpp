// Parses any bytes as a safetensors file: this succeeds or throws FormatError, and the contents are
// no larger than the file.
#pragma once

#include <stdexcept>
#include <string_view>

#include "autodiff/core/error.hpp"
#include "nn/io/safetensors.hpp"

namespace chainrule::fuzz {

inline void safetensors(std::string_view bytes) {
  try {
    const nn::Safetensors file = nn::parse_safetensors(bytes);
    std::size_t elements = 0;
    for (const auto& [name, array] : file.arrays)
      elements += static_cast<std::size_t>(array.size());
    for (const auto& [name, x] : file.indices) elements += static_cast<std::size_t>(x.size());
    for (const auto& [name, tensor] : file.unreadable)
      if (tensor.problem.empty() || file.arrays.contains(name) || file.indices.contains(name))
        throw std::logic_error("a tensor is both readable and unreadable");
    if (elements > bytes.size()) throw std::logic_error("more elements than bytes");
  } catch (const FormatError&) {
  }
}

}  // namespace chainrule::fuzz

// The element types of tensors.
#pragma once

#include <cstddef>
#include <cstdint>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// The type of a tensor's elements.
enum class DType : std::uint8_t { float32, float64 };

/// "float32" or "float64".
constexpr const char* name_of(DType type) { return type == DType::float32 ? "float32" : "float64"; }
/// The size of one element in bytes.
constexpr std::size_t size_of(DType type) { return type == DType::float32 ? 4 : 8; }

/// The element type that holds numbers of type T: float or double.
template <class T>
inline constexpr DType dtype_of = DType::float64;
template <>
inline constexpr DType dtype_of<float> = DType::float32;

}  // namespace chainrule

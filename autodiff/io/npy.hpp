// NumPy's .npy format in memory: numpy.save() and numpy.load().
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "autodiff/values/indices.hpp"

namespace chainrule {

/// What the beginning of a .npy file says.
struct NpyHeader {
  char kind;  ///< 'f', 'i', 'u' or 'b': floating, integer, unsigned, boolean
  int element_bytes;
  bool is_swapped;        ///< bytes are in the other order than this machine's
  bool is_fortran_order;  ///< the first axis varies fastest
  Shape shape;
  std::uint64_t count;  ///< of elements; at most 2^48
  std::size_t data_at;  ///< bytes before the elements
  std::uint64_t bytes() const { return data_at + count * static_cast<unsigned>(element_bytes); }
};

/// The longest header that is read, in bytes. NumPy reads 10,000 unless it is told to trust a file.
inline constexpr std::size_t longest_npy_header = 65535;
/// So many bytes of a file tell its header.
inline constexpr std::size_t npy_head_bytes = longest_npy_header + 12;

// `file` is what messages call the data. All throw FormatError, which names the byte, on anything
// that is damaged, cut off or followed by more, and on elements that are no numbers (objects,
// structures, texts, complex numbers). Versions 1.0, 2.0 and 3.0 of the format, both byte orders
// and both orders of elements are read.

/// Reads the header alone. `bytes` are the first of the data, not necessarily all.
NpyHeader parse_npy_header(std::string_view bytes, const std::string& file);

/// float16 and float32 become float32; float64, integers and booleans float64. Throws FormatError
/// on an integer that float64 cannot hold. Memory: at most 8 times the bytes.
Array parse_npy(std::string_view bytes, const std::string& file);
/// Integers and booleans. Throws FormatError on other elements and on those from 2^63 on.
Indices parse_npy_indices(std::string_view bytes, const std::string& file);

/// What stands in a .npy file before the elements, which follow in row-major order in this
/// machine's byte order.
std::string npy_head(DType dtype, const Shape& shape);
/// The same for int64.
std::string npy_indices_head(const Shape& shape);

}  // namespace chainrule

// NumPy's .npy format in memory, as numpy.save() and numpy.load() use it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "autodiff/values/indices.hpp"

namespace chainrule {

/// The header of a .npy file.
struct NpyHeader {
  char kind;  ///< 'f', 'i', 'u' or 'b': floating-point, integer, unsigned, boolean
  int element_bytes;
  bool is_swapped;        ///< the byte order differs from this machine's
  bool is_fortran_order;  ///< the first axis varies fastest
  Shape shape;
  std::uint64_t count;  ///< number of elements, at most 2^48
  std::size_t data_at;  ///< number of bytes before the elements
  std::uint64_t bytes() const { return data_at + count * static_cast<unsigned>(element_bytes); }
};

/// An array of any element type in a file.
struct NpyDescription {
  std::string type;  ///< as NumPy names it, such as "<f8", at most 40 characters
  Shape shape;
  std::string problem;  ///< why the elements cannot be read; empty if they can
};

/// The longest header that is accepted, in bytes. NumPy's limit is 10,000 unless the file is
/// trusted.
inline constexpr std::size_t longest_npy_header = 65535;
/// The header is contained in this many bytes at the start of a file.
inline constexpr std::size_t npy_head_bytes = longest_npy_header + 12;

// In messages, the data is called `file`. All functions throw FormatError, which names the byte, if
// the data is damaged, truncated or followed by more data, or if the elements are not numbers
// (objects, structures, texts, complex numbers). They read versions 1.0, 2.0 and 3.0 of the format,
// both byte orders, and both row-major and column-major order. Types may be written without a byte
// order ("f8", "float64") and then have that of this machine, as in NumPy.

/// Reads only the header. `bytes` is the start of the data, which need not be complete.
NpyHeader parse_npy_header(std::string_view bytes, const std::string& file);
/// The same for elements of any type: those that cannot be read are described, not an error.
NpyDescription describe_npy(std::string_view bytes, const std::string& file);

/// float16 and float32 become float32; float64, integers and booleans become float64. Throws
/// FormatError for an integer that float64 cannot represent. Memory: at most 8 times the bytes.
Array parse_npy(std::string_view bytes, const std::string& file);
/// Reads integers and booleans. Throws FormatError for other element types and for integers >=
/// 2^63.
Indices parse_npy_indices(std::string_view bytes, const std::string& file);

/// The header of a .npy file. The elements follow it in row-major order and this machine's byte
/// order.
std::string npy_head(DType dtype, const Shape& shape);
/// The same for int64.
std::string npy_indices_head(const Shape& shape);

}  // namespace chainrule

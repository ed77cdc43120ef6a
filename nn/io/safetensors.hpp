// The safetensors format: named tensors in one file, as Python's safetensors reads and writes it.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "autodiff/values/array.hpp"
#include "autodiff/values/indices.hpp"

namespace chainrule::nn {

/// A tensor of a file whose elements cannot be read.
struct UnreadableTensor {
  std::string dtype;  ///< as the file names it: "F8_E4M3", "C64"
  Shape shape;
  std::string problem;  ///< why it cannot be read
};

/// The contents of a safetensors file.
struct Safetensors {
  std::map<std::string, Array, std::less<>> arrays;
  std::map<std::string, Indices, std::less<>> indices;
  std::map<std::string, std::string, std::less<>> metadata;
  /// Tensors that are in the file, too. write_safetensors() ignores them.
  std::map<std::string, UnreadableTensor, std::less<>> unreadable;
};

/// Parses the contents of a file; messages call it `name`. F32 and F64 keep their types, F16 and
/// BF16 become float32; integers and BOOL become Indices. Tensors of other element types (8-bit
/// floats, complex numbers) and with integers of 2^63 or more are listed as unreadable; the others
/// are read. Keys of a tensor that the format does not define are ignored.
///
/// Throws FormatError, which names the byte, for everything that the format forbids: a header that
/// is truncated, longer than 100,000,000 bytes, not JSON, not UTF-8, or has a name twice; metadata
/// other than texts; data with gaps or overlaps, of another size than dtype and shape imply, or
/// that does not end with the file. Memory: that of the elements.
Safetensors parse_safetensors(std::string_view bytes, const std::string& name = "safetensors");
/// Parses a file. Also throws FormatError as read_file() does.
Safetensors read_safetensors(const std::string& path);

/// Writes F32, F64 and I64. Equal contents give equal bytes. The file is replaced as a whole or not
/// at all. Throws FormatError if it cannot be written, or if a name appears twice or is
/// "__metadata__".
void write_safetensors(const std::string& path, const Safetensors& contents);
/// Throws the FormatError with which write_safetensors() would fail now, as far as that is known
/// before writing: a folder that is missing or write-protected, a name or text that is not valid.
/// Leaves the file as it is. Cost: that of the header, and of rearranging arrays that are not in
/// row-major order.
void check_can_write_safetensors(const std::string& path, const Safetensors& contents);

}  // namespace chainrule::nn

// The safetensors format: named tensors in one file, which Python reads and writes as well.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "autodiff/values/array.hpp"
#include "autodiff/values/indices.hpp"

namespace chainrule::nn {

/// What such a file holds.
struct Safetensors {
  std::map<std::string, Array, std::less<>> arrays;
  std::map<std::string, Indices, std::less<>> indices;
  std::map<std::string, std::string, std::less<>> metadata;
};

/// Parses the contents of a file; `name` is what messages call it. F32 and F64 are read as they
/// are, F16 and BF16 as float32; I64 and all smaller integers and BOOL as Indices. Throws
/// FormatError, naming the byte, on everything that the format forbids: a header that is cut off,
/// longer than 100,000,000 bytes, no JSON, no UTF-8, or has a name twice; data that leaves gaps,
/// overlaps, is of another size than dtype and shape say, or does not end with the file; and on an
/// element type that is not read here (U64, 8-bit floats, complex numbers). Memory: that of the
/// elements.
Safetensors parse_safetensors(std::string_view bytes, const std::string& name = "safetensors");
/// The same of a file. Throws FormatError as read_file() does, too.
Safetensors read_safetensors(const std::string& path);

/// Writes F32, F64 and I64; the same contents give the same bytes. The file is whole or as it was.
/// Throws FormatError if it cannot be written, or a name is there twice or is "__metadata__".
void write_safetensors(const std::string& path, const Safetensors& contents);

}  // namespace chainrule::nn

// IDX files, the format of MNIST and similar datasets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "autodiff/core/files.hpp"

namespace chainrule::nn {

/// The element type of an IDX file, by the code in its third byte.
enum class IdxType : std::uint8_t {
  uint8 = 0x08,
  int8 = 0x09,
  int16 = 0x0b,
  int32 = 0x0c,
  float32 = 0x0d,
  float64 = 0x0e,
};

/// The size of an element in bytes.
std::size_t element_bytes(IdxType type);

/// The contents of an IDX file.
struct Idx {
  IdxType type = IdxType::uint8;
  std::vector<std::int64_t> shape;  ///< 0 to 8 extents, each from 0 to 2^32 - 1
  std::vector<std::byte> bytes;     ///< row-major; elements in this machine's byte order

  /// The number of elements: the product of the shape, 1 for rank 0.
  std::size_t size() const { return bytes.size() / element_bytes(type); }
  /// All elements as doubles, which represent every element type exactly.
  std::vector<double> values() const;
};

/// Parses the contents of an IDX file: two zero bytes, the type, the rank, the extents as
/// big-endian 32-bit numbers, and the elements in big-endian order. Messages call the file `name`.
/// Throws FormatError, which names the byte, if the header is invalid or the size is not exactly
/// what it implies. Memory: that of the elements.
Idx parse_idx(std::span<const std::byte> bytes, const std::string& name = "IDX data");
/// Parses a file, which may be compressed with gzip. Decompresses only as much as the header
/// implies. Also throws FormatError as read_file() and gunzip() do, and if that exceeds
/// `max_bytes`.
Idx read_idx(const std::string& path, std::uint64_t max_bytes = max_file_bytes);

}  // namespace chainrule::nn

// IDX files, in which MNIST and its relatives come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "autodiff/core/files.hpp"

namespace chainrule::nn {

/// What the elements of an IDX file are, by the code in its third byte.
enum class IdxType : std::uint8_t {
  uint8 = 0x08,
  int8 = 0x09,
  int16 = 0x0b,
  int32 = 0x0c,
  float32 = 0x0d,
  float64 = 0x0e,
};

/// Bytes of one element.
std::size_t size_of(IdxType type);

/// What an IDX file holds.
struct Idx {
  IdxType type = IdxType::uint8;
  std::vector<std::int64_t> shape;  ///< 0 to 8 extents, each from 0 to 2^32 - 1
  std::vector<std::byte> bytes;     ///< row-major; each element in this machine's byte order

  /// The number of elements: the product of the shape, 1 for rank 0.
  std::size_t size() const { return bytes.size() / size_of(type); }
  /// All elements as doubles, which hold every one of them exactly.
  std::vector<double> values() const;
};

/// Parses the contents of an IDX file: two zero bytes, the type, the rank, that many extents as
/// big-endian 32-bit numbers, the elements, big-endian. `name` is what messages call it. Throws
/// FormatError, naming the byte, unless the size is exactly what the header says. Memory: that of
/// the elements.
Idx parse_idx(std::span<const std::byte> bytes, const std::string& name = "IDX data");
/// The same of a file, compressed with gzip or not. The header decides how much is decompressed.
/// Throws FormatError as read_file() and gunzip() do, too, and if more than `most` bytes are
/// needed.
Idx read_idx(const std::string& path, std::uint64_t most = most_file_bytes);

}  // namespace chainrule::nn

#include "nn/data/idx.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "autodiff/core/error.hpp"
#include "nn/io/gzip.hpp"

namespace chainrule::nn {
namespace {

constexpr std::size_t max_rank = 8;
constexpr std::size_t max_header = 4 + 4 * max_rank;

struct Header {
  IdxType type;
  std::vector<std::int64_t> shape;
  std::size_t size;         // bytes of the header
  std::uint64_t data_size;  // bytes that must follow it
};

[[noreturn]] void fail(const std::string& name, std::size_t byte, const std::string& what) {
  throw FormatError(fmt::format("{}: byte {}: {}", name, byte, what));
}

/// Parses and checks the header. The data after it is not needed.
Header parse_header(std::span<const std::byte> bytes, const std::string& name) {
  const auto at = [&](std::size_t i) -> std::uint32_t {
    if (i >= bytes.size()) fail(name, bytes.size(), "the file ends within the header");
    return std::to_integer<std::uint32_t>(bytes[i]);
  };
  if (at(0) != 0 || at(1) != 0)
    fail(name, 0, "this is not an IDX file, which begins with two zero bytes");
  const std::uint32_t code = at(2), rank = at(3);
  if (code < 0x08 || code > 0x0e || code == 0x0a)
    fail(name, 2,
         fmt::format("0x{:02X} is not an element type; 08, 09, 0B, 0C, 0D and 0E are", code));
  if (rank > max_rank)
    fail(name, 3,
         fmt::format("rank {} is more than {}, the largest that is supported", rank, max_rank));

  Header header{static_cast<IdxType>(code), {}, 4 + 4 * std::size_t{rank}, 0};
  bool empty = false, overflow = false;
  std::uint64_t size = element_bytes(header.type);
  for (std::size_t i = 4; i < header.size; i += 4) {
    const std::uint64_t extent = at(i) << 24 | at(i + 1) << 16 | at(i + 2) << 8 | at(i + 3);
    header.shape.push_back(static_cast<std::int64_t>(extent));
    empty = empty || extent == 0;
    overflow = overflow || __builtin_mul_overflow(size, extent, &size);
  }
  if (overflow && !empty)
    fail(name, 4,
         fmt::format("the shape [{}] has more elements than can be counted",
                     fmt::join(header.shape, ", ")));
  header.data_size = empty ? 0 : size;
  return header;
}

void to_native_order(std::span<std::byte> bytes, std::size_t element) {
  const std::uint16_t one = 1;
  unsigned char low_first;
  std::memcpy(&low_first, &one, 1);
  if (low_first == 0) return;
  for (std::size_t i = 0; i < bytes.size(); i += element)
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(i),
                 bytes.begin() + static_cast<std::ptrdiff_t>(i + element));
}

template <class T>
void append_values(std::span<const std::byte> bytes, std::vector<double>& values) {
  for (std::size_t i = 0; i < bytes.size(); i += sizeof(T)) {
    T value;
    std::memcpy(&value, bytes.data() + i, sizeof value);
    values.push_back(static_cast<double>(value));
  }
}

}  // namespace

std::size_t element_bytes(IdxType type) {
  switch (type) {
    case IdxType::uint8:
    case IdxType::int8:
      return 1;
    case IdxType::int16:
      return 2;
    case IdxType::int32:
    case IdxType::float32:
      return 4;
    case IdxType::float64:
      return 8;
  }
  return 1;
}

std::vector<double> Idx::values() const {
  std::vector<double> result;
  result.reserve(size());
  switch (type) {
    case IdxType::uint8:
      append_values<std::uint8_t>(bytes, result);
      break;
    case IdxType::int8:
      append_values<std::int8_t>(bytes, result);
      break;
    case IdxType::int16:
      append_values<std::int16_t>(bytes, result);
      break;
    case IdxType::int32:
      append_values<std::int32_t>(bytes, result);
      break;
    case IdxType::float32:
      append_values<float>(bytes, result);
      break;
    case IdxType::float64:
      append_values<double>(bytes, result);
      break;
  }
  return result;
}

Idx parse_idx(std::span<const std::byte> bytes, const std::string& name) {
  Header header = parse_header(bytes, name);
  const std::size_t there = bytes.size() - header.size;
  if (there != header.data_size)
    fail(name,
         std::min(bytes.size(), header.size + static_cast<std::size_t>(std::min<std::uint64_t>(
                                                  header.data_size, there))),
         fmt::format("the shape [{}] takes {} bytes of data but there are {}",
                     fmt::join(header.shape, ", "), header.data_size, there));
  const std::span<const std::byte> data = bytes.subspan(header.size);
  Idx result{header.type, std::move(header.shape), {data.begin(), data.end()}};
  if (element_bytes(result.type) > 1) to_native_order(result.bytes, element_bytes(result.type));
  return result;
}

Idx read_idx(const std::string& path, std::uint64_t max_bytes) {
  std::string bytes = read_file(path, max_bytes);
  if (is_gzip(bytes)) {
    const std::string head = gunzip_head(bytes, max_header, path);
    const Header header = parse_header(std::as_bytes(std::span(head)), path);
    if (max_bytes < header.size || header.data_size > max_bytes - header.size)
      fail(path, 4,
           fmt::format("the shape [{}] makes a file of {} bytes, more than the {} that are allowed",
                       fmt::join(header.shape, ", "), header.size + header.data_size, max_bytes));
    bytes = gunzip(bytes, header.size + header.data_size, path);
  }
  return parse_idx(std::as_bytes(std::span(bytes)), path);
}

}  // namespace chainrule::nn

#include "autodiff/io/npy.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "autodiff/core/error.hpp"
#include "autodiff/core/half.hpp"

namespace chainrule {
namespace {

/// An IEEE 754 half-precision number, given as bits.
struct Half {
  std::uint16_t bits;
};

/// Reads an element, which need not be aligned.
template <class T>
T element_at(const char* from, bool is_swapped) {
  char bytes[sizeof(T)];
  if (is_swapped)
    for (std::size_t i = 0; i < sizeof(T); ++i) bytes[i] = from[sizeof(T) - 1 - i];
  else
    std::memcpy(bytes, from, sizeof(T));
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

/// Calls f with a value of the file's element type; booleans are read as bytes.
template <class F>
void with_element_type(const NpyHeader& header, F f) {
  const int bytes = header.element_bytes;
  if (header.kind == 'f') {
    if (bytes == 2) return f(Half{});
    if (bytes == 4) return f(float());
    return f(double());
  }
  if (header.kind == 'i') {
    if (bytes == 1) return f(std::int8_t());
    if (bytes == 2) return f(std::int16_t());
    if (bytes == 4) return f(std::int32_t());
    return f(std::int64_t());
  }
  if (bytes == 1) return f(std::uint8_t());
  if (bytes == 2) return f(std::uint16_t());
  if (bytes == 4) return f(std::uint32_t());
  return f(std::uint64_t());
}

/// Calls f(i, place) for each element in the order of the file, with its position in row-major
/// order.
template <class F>
void for_each_element(const NpyHeader& header, F f) {
  if (!header.is_fortran_order || header.shape.size() < 2) {
    for (std::size_t i = 0; i < header.count; ++i) f(i, i);
    return;
  }
  const Extents strides = row_major_strides(header.shape);
  Extents index = Extents::filled(strides.size(), 0);
  std::int64_t position = 0;
  for (std::size_t i = 0; i < header.count; ++i) {
    f(i, static_cast<std::size_t>(position));
    for (std::size_t axis = 0; axis < index.size(); ++axis) {
      position += strides[axis];
      if (++index[axis] < header.shape[axis]) break;
      position -= strides[axis] * header.shape[axis];
      index[axis] = 0;
    }
  }
}

/// The header of data that must be complete and contain nothing more.
NpyHeader whole_header(std::string_view bytes, const std::string& file) {
  NpyHeader header = parse_npy_header(bytes, file);
  if (bytes.size() != header.bytes())
    throw FormatError(fmt::format(
        "{}, byte {}: the file {}: {} elements of {} bytes make {} bytes with the header", file,
        std::min<std::uint64_t>(bytes.size(), header.bytes()),
        bytes.size() < header.bytes() ? "is truncated" : "has extra data after its elements",
        header.count, header.element_bytes, header.bytes()));
  return header;
}

[[noreturn]] void fail_at(const std::string& file, const NpyHeader& header, std::size_t i,
                          const std::string& what) {
  throw FormatError(fmt::format("{}, byte {}: {}", file,
                                header.data_at + i * static_cast<std::size_t>(header.element_bytes),
                                what));
}

/// Whether float64 can represent an integer exactly: its first and last set bit are at most 53 bits
/// apart.
template <class T>
bool is_exact(T value) {
  if constexpr (sizeof(T) < 8) {
    return true;
  } else {
    const auto bits = static_cast<std::uint64_t>(value);
    const std::uint64_t magnitude = value < 0 ? ~bits + 1 : bits;
    return magnitude == 0 || 64 - __builtin_clzll(magnitude) - __builtin_ctzll(magnitude) <= 53;
  }
}

}  // namespace

Array parse_npy(std::string_view bytes, const std::string& file) {
  const NpyHeader header = whole_header(bytes, file);
  const char* const data = bytes.data() + header.data_at;
  const bool is_single = header.kind == 'f' && header.element_bytes <= 4;
  Array array = Array::uninitialised(is_single ? DType::float32 : DType::float64, header.shape);
  with_element_type(header, [&](auto zero) {
    using T = decltype(zero);
    const auto read = [&](std::size_t i) {
      return element_at<T>(data + i * sizeof(T), header.is_swapped);
    };
    if constexpr (std::is_same_v<T, Half>) {
      float* const out = array.mutable_data_as<float>();
      for_each_element(header, [&](std::size_t i, std::size_t position) {
        out[position] = float_of_half(read(i).bits);
      });
    } else if constexpr (std::is_floating_point_v<T>) {
      T* const out = array.mutable_data_as<T>();
      for_each_element(header,
                       [&](std::size_t i, std::size_t position) { out[position] = read(i); });
    } else {
      double* const out = array.mutable_data_as<double>();
      for_each_element(header, [&](std::size_t i, std::size_t position) {
        const T value = read(i);
        if (!is_exact(value))
          fail_at(file, header, i,
                  fmt::format(
                      "float64 cannot represent the integer {}. Read it with load_npy_indices() or "
                      "load_npz_indices()",
                      value));
        out[position] = header.kind == 'b' ? (value != 0 ? 1.0 : 0.0) : static_cast<double>(value);
      });
    }
  });
  return array;
}

Indices parse_npy_indices(std::string_view bytes, const std::string& file) {
  const NpyHeader header = whole_header(bytes, file);
  if (header.kind == 'f')
    throw FormatError(fmt::format(
        "{}: its elements are floating-point numbers; indices are integers. Convert them with "
        "astype(int) before saving",
        file));
  const char* const data = bytes.data() + header.data_at;
  Indices indices = Indices::uninitialised(header.shape);
  std::int64_t* const out = indices.mutable_data();
  with_element_type(header, [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_integral_v<T>)
      for_each_element(header, [&](std::size_t i, std::size_t position) {
        const T value = element_at<T>(data + i * sizeof(T), header.is_swapped);
        if constexpr (std::is_same_v<T, std::uint64_t>)
          if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            fail_at(file, header, i, fmt::format("{} is too large for an index", value));
        out[position] =
            header.kind == 'b' ? (value != 0 ? 1 : 0) : static_cast<std::int64_t>(value);
      });
  });
  return indices;
}

}  // namespace chainrule

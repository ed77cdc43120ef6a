// Safetensors files made byte by byte, without the code under test.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

/// A safetensors file as Python's safetensors.torch.save_file() writes it.
class TensorFile {
 public:
  /// The shape is in the form "[2,3]".
  TensorFile& add(const std::string& name, const std::string& dtype, const std::string& shape,
                  const std::string& bytes) {
    header_ += std::string(",\"") + name + R"(":{"dtype":")" + dtype + R"(","shape":)" + shape +
               R"(,"data_offsets":[)" + std::to_string(data_.size()) + ',' +
               std::to_string(data_.size() + bytes.size()) + "]}";
    data_ += bytes;
    return *this;
  }
  TensorFile& floats(const std::string& name, const std::string& shape,
                     const std::vector<float>& elements) {
    return add(name, "F32", shape, bytes_of(elements));
  }
  TensorFile& longs(const std::string& name, const std::string& shape,
                    const std::vector<std::int64_t>& elements) {
    return add(name, "I64", shape, bytes_of(elements));
  }
  std::string bytes() const {
    std::string header = R"({"__metadata__":{"format":"pt"})" + header_ + "}";
    while (header.size() % 8 != 0) header += ' ';
    std::string length;
    for (int i = 0; i < 8; ++i) length += static_cast<char>(header.size() >> (8 * i) & 0xff);
    return length + header + data_;
  }

 private:
  template <class T>
  static std::string bytes_of(const std::vector<T>& elements) {
    std::string bytes(elements.size() * sizeof(T), '\0');
    if (!elements.empty()) std::memcpy(bytes.data(), elements.data(), bytes.size());
    return bytes;
  }

  std::string header_, data_;
};

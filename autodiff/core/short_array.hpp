// An array of a size known when running, on the stack while it is short.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace chainrule {

/// `size` default-initialised elements; more than 8 are on the heap.
template <class T>
class ShortArray {
 public:
  explicit ShortArray(std::size_t size) : size_(size) {
    if (size > few) far_.resize(size);
  }
  ShortArray(const ShortArray&) = delete;
  ShortArray& operator=(const ShortArray&) = delete;

  T* data() { return size_ > few ? far_.data() : near_; }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return data()[i]; }
  operator std::span<T>() { return {data(), size_}; }
  operator std::span<const T>() { return {data(), size_}; }

 private:
  static constexpr std::size_t few = 8;
  std::size_t size_;
  T near_[few];
  std::vector<T> far_;
};

}  // namespace chainrule

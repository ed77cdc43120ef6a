// An array of a size known when running, on the stack while it is short.
#pragma once

#include <cstddef>
#include <span>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// `size` default-initialised elements; more than 8 are on the heap.
template <class T>
class ShortArray {
 public:
  explicit ShortArray(std::size_t size) : size_(size), data_(size > few ? new T[size] : near_) {}
  ~ShortArray() {
    if (data_ != near_) delete[] data_;
  }
  ShortArray(const ShortArray&) = delete;
  ShortArray& operator=(const ShortArray&) = delete;

  T* data() { return data_; }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return data_[i]; }
  operator std::span<T>() { return {data_, size_}; }
  operator std::span<const T>() { return {data_, size_}; }

 private:
  static constexpr std::size_t few = 8;
  std::size_t size_;
  T* data_;
  T near_[few];
};

}  // namespace chainrule

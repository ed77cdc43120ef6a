// An array whose size is known at run time, on the stack if it is short.
#pragma once

#include <cstddef>
#include <span>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// An array of `size` default-initialised elements; on the heap if there are more than 8.
template <class T>
class ShortArray {
 public:
  explicit ShortArray(std::size_t size)
      : size_(size), data_(size > inline_size ? new T[size] : inline_) {}
  ~ShortArray() {
    if (data_ != inline_) delete[] data_;
  }
  ShortArray(const ShortArray&) = delete;
  ShortArray& operator=(const ShortArray&) = delete;

  T* data() { return data_; }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return data_[i]; }
  operator std::span<T>() { return {data_, size_}; }
  operator std::span<const T>() { return {data_, size_}; }

 private:
  static constexpr std::size_t inline_size = 8;
  std::size_t size_;
  T* data_;
  T inline_[inline_size];
};

}  // namespace chainrule

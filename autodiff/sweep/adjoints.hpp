// Adjoints: the array a sweep works in, from memory that is used again and again.
#pragma once

#include <cstddef>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// An array of adjoints, all untouched at first. Its memory comes from what earlier ones of this
/// thread left, and goes back there. Movable; a copy has its own memory.
class Adjoints {
 public:
  Adjoints() = default;
  explicit Adjoints(std::size_t size);
  ~Adjoints();
  Adjoints(const Adjoints& other);
  Adjoints(Adjoints&& other) noexcept { swap(other); }
  Adjoints& operator=(Adjoints other) noexcept {
    swap(other);
    return *this;
  }

  double* data() { return data_; }
  std::size_t size() const { return size_; }
  double& operator[](std::size_t i) { return data_[i]; }
  double operator[](std::size_t i) const { return data_[i]; }

  void swap(Adjoints& other) noexcept;

 private:
  double* data_ = nullptr;
  std::size_t size_ = 0, bytes_ = 0;
};

/// An array for sweep_variables(), lent by the thread: at least `size` entries, all untouched when
/// it is lent and when it is given back, so that nothing is cleared per sweep. A sweep within a
/// sweep (an operation from outside may take gradients) gets another array.
class Workspace {
 public:
  explicit Workspace(std::size_t size);
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  double* data() { return data_; }
  /// Makes every entry untouched again, after a sweep that ended in an exception.
  void reset() noexcept;

 private:
  double* data_;
  std::size_t bytes_;
};

/// Gives the memory kept by this thread back to the system.
void release_adjoints() noexcept;

}  // namespace chainrule

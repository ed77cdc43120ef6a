// The array of adjoints that a sweep works on, with reuse of memory.
#pragma once

#include <cstddef>

#include "autodiff/core/language.hpp"

namespace chainrule::detail {

/// An array of adjoints, all untouched at first. It reuses memory of earlier arrays of this thread
/// and returns it when it ends. Movable; a copy has its own memory.
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

/// An array for sweep_variables(), borrowed from the thread. It has at least `size` entries, which
/// are all untouched when it is borrowed and when it is returned, so no sweep has to clear it. A
/// sweep within a sweep (an operation from outside the library may take gradients) gets another
/// array.
class Workspace {
 public:
  explicit Workspace(std::size_t size);
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  double* data() { return data_; }
  /// Makes every entry untouched again, after an exception ended a sweep.
  void reset() noexcept;

 private:
  double* data_;
  std::size_t bytes_;
};

/// Returns the memory kept by this thread to the system.
void release_adjoints() noexcept;

}  // namespace chainrule::detail

// Adjoints: the array a sweep works in, from memory that is used again and again.
#pragma once

#include <cstddef>

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

/// The array of this thread that sweep_variables() works in: at least `size` entries, all untouched
/// between sweeps. Grows, and stays until release_adjoints().
double* sweep_workspace(std::size_t size);
/// Makes the workspace untouched again after a sweep that ended in an exception.
void reset_workspace() noexcept;

/// Gives the memory kept by this thread back to the system.
void release_adjoints() noexcept;

}  // namespace chainrule

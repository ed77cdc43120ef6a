// The adjoints of the tensor nodes of a record.
#pragma once

#include <cstddef>

#include "autodiff/graph/tape.hpp"
#include "autodiff/values/array.hpp"

namespace chainrule::detail {

/// The elements of the adjoints of tensor nodes, by their index in the record; all null at first.
/// Elements that are not reached are `untouched` (core/untouched.hpp), but may be any zero if the
/// node is a variable. Reuses memory. Movable; copies share arrays.
class TensorAdjoints {
 public:
  TensorAdjoints() = default;
  /// Has an entry for every tensor node of the tape.
  explicit TensorAdjoints(const Tape& tape);
  ~TensorAdjoints();
  TensorAdjoints(const TensorAdjoints& other);
  TensorAdjoints(TensorAdjoints&& other) noexcept { swap(other); }
  TensorAdjoints& operator=(TensorAdjoints other) noexcept {
    swap(other);
    return *this;
  }

  /// The adjoint of node `id`, valid even if the tape is gone; nullptr if it was not a tensor node.
  const Array* find(Id id) const;
  Array& operator[](std::size_t i) { return data_[i]; }
  void swap(TensorAdjoints& other) noexcept;

 private:
  explicit TensorAdjoints(std::size_t size);

  Array* data_ = nullptr;  // the ids of the nodes follow in the same block
  Id* ids_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace chainrule::detail

#include "autodiff/sweep/tensor_adjoints.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "autodiff/values/pool.hpp"

namespace chainrule::detail {

TensorAdjoints::TensorAdjoints(std::size_t size) : size_(size) {
  if (size == 0) return;
  data_ = static_cast<Array*>(take_block(size * (sizeof(Array) + sizeof(Id))));
  std::uninitialized_default_construct_n(data_, size);
  ids_ = reinterpret_cast<Id*>(data_ + size);
}

TensorAdjoints::TensorAdjoints(const Tape& tape) : TensorAdjoints(tape.tensors.nodes.size()) {
  for (std::size_t i = 0; i < size_; ++i) ids_[i] = tape.tensors.nodes[i].id;
}

TensorAdjoints::~TensorAdjoints() {
  if (data_ == nullptr) return;
  std::destroy_n(data_, size_);
  return_block(data_, size_ * (sizeof(Array) + sizeof(Id)));
}

TensorAdjoints::TensorAdjoints(const TensorAdjoints& other) : TensorAdjoints(other.size_) {
  for (std::size_t i = 0; i < size_; ++i) {
    data_[i] = other.data_[i];
    ids_[i] = other.ids_[i];
  }
}

void TensorAdjoints::swap(TensorAdjoints& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(ids_, other.ids_);
  std::swap(size_, other.size_);
}

const Array* TensorAdjoints::find(Id id) const {
  const Id* const found = std::lower_bound(ids_, ids_ + size_, id);
  return found != ids_ + size_ && *found == id ? data_ + (found - ids_) : nullptr;
}

}  // namespace chainrule::detail

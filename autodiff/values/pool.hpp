// The memory pool of arrays: blocks that are reused.
#pragma once

#include <cstddef>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// A block of at least `bytes` bytes, aligned to 64. Taken from the store of the calling thread if
/// that has one of this size, so a loop that creates the same arrays again allocates nothing. Sizes
/// are rounded up by at most a quarter. Throws std::bad_alloc. Cost: some nanoseconds if the store
/// has a block.
void* take_block(std::size_t bytes);
/// Returns a block that was taken with this size to the store of the calling thread. The block may
/// have been taken by another thread. It is freed instead if this thread has returned more blocks
/// of this size than it took, or if its store holds 1 GiB.
void return_block(void* block, std::size_t bytes) noexcept;
/// Frees all blocks in the store of the calling thread.
void release_blocks() noexcept;

/// For its lifetime, blocks that the calling thread returns are freed. For blocks that another
/// thread took and that this one would not reuse.
class StoreBypass {
 public:
  StoreBypass() noexcept;
  ~StoreBypass();
  StoreBypass(const StoreBypass&) = delete;
  StoreBypass& operator=(const StoreBypass&) = delete;

 private:
  bool was_closed_;
};

/// An allocator for containers and shared pointers, so that creating one repeatedly allocates
/// nothing.
template <class T>
struct PoolAllocator {
  using value_type = T;
  PoolAllocator() = default;
  template <class U>
  PoolAllocator(const PoolAllocator<U>&) {}
  T* allocate(std::size_t n) { return static_cast<T*>(take_block(n * sizeof(T))); }
  void deallocate(T* block, std::size_t n) noexcept { return_block(block, n * sizeof(T)); }
  friend bool operator==(const PoolAllocator&, const PoolAllocator&) { return true; }
};

}  // namespace chainrule

// The memory of arrays: blocks that are used again and again.
#pragma once

#include <cstddef>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// A block of at least `bytes` bytes, aligned to 64. It comes from the store of the calling thread
/// if that has one of the size, so a loop that makes the same arrays again allocates nothing. Sizes
/// are rounded up by at most a quarter. Throws std::bad_alloc. Cost: some nanoseconds if the store
/// has one.
void* take_block(std::size_t bytes);
/// Puts a block that was taken with this size into the store of the calling thread. The block may
/// have been taken in another thread. It is freed instead if this thread has given back more blocks
/// of the size than it took, or if its store holds 1 GiB.
void give_back_block(void* block, std::size_t bytes) noexcept;
/// Frees everything in the store of the calling thread.
void release_blocks() noexcept;

/// While it lives, blocks that the calling thread gives back are freed. For blocks that another
/// thread took, and that this one would not use.
class StoreBypass {
 public:
  StoreBypass() noexcept;
  ~StoreBypass();
  StoreBypass(const StoreBypass&) = delete;
  StoreBypass& operator=(const StoreBypass&) = delete;

 private:
  bool was_closed_;
};

/// For containers and shared pointers, so that making one again and again allocates nothing.
template <class T>
struct PoolAllocator {
  using value_type = T;
  PoolAllocator() = default;
  template <class U>
  PoolAllocator(const PoolAllocator<U>&) {}
  T* allocate(std::size_t n) { return static_cast<T*>(take_block(n * sizeof(T))); }
  void deallocate(T* block, std::size_t n) noexcept { give_back_block(block, n * sizeof(T)); }
  friend bool operator==(const PoolAllocator&, const PoolAllocator&) { return true; }
};

}  // namespace chainrule

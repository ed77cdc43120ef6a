// The memory of arrays: blocks that are used again and again.
#pragma once

#include <cstddef>

namespace chainrule {

/// A block of at least `bytes` bytes, aligned to 64. What this thread gave back lately is given out
/// first, so a loop that makes the same arrays again allocates nothing. Sizes are rounded up by at
/// most a quarter. Throws std::bad_alloc. Cost: some nanoseconds if a block is at hand.
void* take_block(std::size_t bytes);
/// Gives back a block of that size, on any thread: it goes to the store of the calling one. Blocks
/// beyond what a store keeps (1 GiB) go back to the system.
void give_back_block(void* block, std::size_t bytes) noexcept;
/// Gives everything this thread's store holds back to the system.
void release_blocks() noexcept;

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

#include "autodiff/values/pool.hpp"

#include <cstdlib>
#include <new>
#include <utility>

namespace chainrule {
namespace {

// Size classes: 64, 128, 192, 256, then four per doubling.
constexpr std::size_t block_unit = 64;
constexpr int class_count = 4 + 4 * 40;

struct SizeClass {
  int index;
  std::size_t bytes;
};

SizeClass class_of(std::size_t bytes) {
  if (bytes <= 4 * block_unit) {
    const std::size_t units = bytes == 0 ? 1 : (bytes + block_unit - 1) / block_unit;
    return {static_cast<int>(units) - 1, units * block_unit};
  }
  // 2^(top) < bytes <= 2^(top + 1), divided into four steps.
  const int top = 63 - __builtin_clzll(bytes - 1);
  const std::size_t step = std::size_t{1} << (top - 2);
  const std::size_t steps = (bytes - (std::size_t{1} << top) + step - 1) / step;  // 1 to 4
  return {4 + 4 * (top - 8) + static_cast<int>(steps) - 1, (std::size_t{1} << top) + steps * step};
}

/// A free block in the store: its first bytes link to the next block of its class.
struct FreeBlock {
  FreeBlock* next;
};

/// The free blocks of one size class. A thread that returns more blocks than it ever took got them
/// from another thread, and would collect them without limit; so it stores only as many as it took.
struct Blocks {
  FreeBlock* first = nullptr;
  std::size_t in_use = 0;  // taken minus returned, as counted by this thread
};

struct Store {
  static constexpr std::size_t max_bytes = std::size_t{1} << 30;
  Blocks blocks[class_count] = {};
  std::size_t bytes = 0;
  bool is_closed = false;  // also when the thread has ended: arrays with static storage are
                           // destroyed later

  void release() noexcept {
    for (Blocks& of_class : blocks)
      while (of_class.first != nullptr) {
        FreeBlock* const next = of_class.first->next;
        std::free(of_class.first);
        of_class.first = next;
      }
    bytes = 0;
  }
};
constinit thread_local Store store;

struct PoolCleanup {
  ~PoolCleanup() {
    store.release();
    store.is_closed = true;
  }
};

}  // namespace

void* take_block(std::size_t bytes) {
  const SizeClass size = class_of(bytes);
  if (size.index >= class_count) throw std::bad_alloc();
  Blocks& blocks = store.blocks[size.index];
  if (FreeBlock* const free_block = blocks.first; free_block != nullptr) [[likely]] {
    blocks.first = free_block->next;
    ++blocks.in_use;
    store.bytes -= size.bytes;
    return free_block;
  }
  void* const block = std::aligned_alloc(block_unit, size.bytes);
  if (block == nullptr) throw std::bad_alloc();
  ++blocks.in_use;
  return block;
}

void return_block(void* block, std::size_t bytes) noexcept {
  const SizeClass size = class_of(bytes);
  if (store.is_closed) {
    std::free(block);
    return;
  }
  Blocks& blocks = store.blocks[size.index];
  const bool is_own = blocks.in_use > 0;
  if (is_own) --blocks.in_use;
  if (!is_own || store.bytes + size.bytes > Store::max_bytes) {
    std::free(block);
    return;
  }
  thread_local PoolCleanup end_of_thread;
  static_cast<void>(end_of_thread);
  auto* const free_block = static_cast<FreeBlock*>(block);
  free_block->next = blocks.first;
  blocks.first = free_block;
  store.bytes += size.bytes;
}

void release_blocks() noexcept { store.release(); }

StoreBypass::StoreBypass() noexcept : was_closed_(std::exchange(store.is_closed, true)) {}
StoreBypass::~StoreBypass() { store.is_closed = was_closed_; }

}  // namespace chainrule

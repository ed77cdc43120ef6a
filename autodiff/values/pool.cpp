#include "autodiff/values/pool.hpp"

#include <cstdlib>
#include <new>

namespace chainrule {
namespace {

// Size classes: 64, 128, 192, 256, then four per doubling.
constexpr std::size_t unit = 64;
constexpr int class_count = 4 + 4 * 40;

struct SizeClass {
  int index;
  std::size_t bytes;
};

SizeClass class_of(std::size_t bytes) {
  if (bytes <= 4 * unit) {
    const std::size_t units = bytes == 0 ? 1 : (bytes + unit - 1) / unit;
    return {static_cast<int>(units) - 1, units * unit};
  }
  // 2^(top) < bytes <= 2^(top + 1), cut into four steps.
  const int top = 63 - __builtin_clzll(bytes - 1);
  const std::size_t step = std::size_t{1} << (top - 2);
  const std::size_t steps = (bytes - (std::size_t{1} << top) + step - 1) / step;  // 1 to 4
  return {4 + 4 * (top - 8) + static_cast<int>(steps) - 1, (std::size_t{1} << top) + steps * step};
}

/// A block in the store: its first bytes link it to the next of its class.
struct Spare {
  Spare* next;
};

struct Store {
  static constexpr std::size_t most_bytes = std::size_t{1} << 30;
  Spare* spares[class_count] = {};
  std::size_t bytes = 0;
  bool has_ended = false;  // arrays of static storage end after the thread's own objects

  void release() noexcept {
    for (Spare*& first : spares)
      while (first != nullptr) {
        Spare* const next = first->next;
        std::free(first);
        first = next;
      }
    bytes = 0;
  }
};
constinit thread_local Store store;

struct EndOfThread {
  ~EndOfThread() {
    store.release();
    store.has_ended = true;
  }
};

}  // namespace

void* take_block(std::size_t bytes) {
  const SizeClass size = class_of(bytes);
  if (size.index >= class_count) throw std::bad_alloc();
  if (Spare* const spare = store.spares[size.index]; spare != nullptr) [[likely]] {
    store.spares[size.index] = spare->next;
    store.bytes -= size.bytes;
    return spare;
  }
  void* const block = std::aligned_alloc(unit, size.bytes);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

void give_back_block(void* block, std::size_t bytes) noexcept {
  const SizeClass size = class_of(bytes);
  if (store.has_ended || store.bytes + size.bytes > Store::most_bytes) {
    std::free(block);
    return;
  }
  thread_local EndOfThread end_of_thread;
  static_cast<void>(end_of_thread);
  auto* const spare = static_cast<Spare*>(block);
  spare->next = store.spares[size.index];
  store.spares[size.index] = spare;
  store.bytes += size.bytes;
}

void release_blocks() noexcept { store.release(); }

}  // namespace chainrule

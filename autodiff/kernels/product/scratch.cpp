#include <cstdlib>
#include <new>

#include "autodiff/kernels/product/product.hpp"

namespace chainrule::detail {
namespace {

constexpr std::size_t alignment = 64;

struct Block {
  void* memory = nullptr;
  std::size_t bytes = 0;
  Block() = default;
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block() { release(); }

  void release() noexcept {
    std::free(memory);
    memory = nullptr;
    bytes = 0;
  }
};

thread_local Block blocks[static_cast<int>(Scratch::count)];

}  // namespace

void* scratch(Scratch purpose, std::size_t bytes) {
  Block& block = blocks[static_cast<int>(purpose)];
  if (bytes > block.bytes) {
    const std::size_t rounded = (bytes + bytes / 4 + alignment - 1) / alignment * alignment;
    block.release();
    block.memory = std::aligned_alloc(alignment, rounded);
    if (block.memory == nullptr) throw std::bad_alloc();
    block.bytes = rounded;
  }
  return block.memory;
}

void release_scratch() noexcept {
  for (Block& block : blocks) block.release();
}

}  // namespace chainrule::detail

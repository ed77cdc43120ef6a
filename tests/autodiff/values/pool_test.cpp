#include "autodiff/values/pool.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#include "tests/support/allocated_memory.hpp"

using namespace chainrule;

TEST_CASE("blocks are aligned and reused") {
  for (const std::size_t bytes : {0, 1, 64, 65, 257, 5000, 1 << 20}) {
    void* const block = take_block(bytes);
    CHECK(reinterpret_cast<std::uintptr_t>(block) % 64 == 0);
    std::memset(block, 1, bytes);
    return_block(block, bytes);
    void* const again = take_block(bytes);
    CHECK(again == block);
    return_block(again, bytes);
  }
}

TEST_CASE("a thread stores a limited number of blocks of other threads") {
  constexpr std::size_t bytes = 64 << 10;
  std::thread([] {
    const std::size_t before = allocated_bytes();
    for (int round = 0; round < 100; ++round) {  // 640 MB in all
      std::vector<void*> blocks;
      std::thread([&] {
        while (blocks.size() < 100) blocks.push_back(take_block(bytes));
      }).join();
      for (void* const block : blocks) return_block(block, bytes);
    }
    CHECK(allocated_bytes() < before + (1 << 20));
    // Its own blocks are stored as always.
    void* const own = take_block(bytes);
    return_block(own, bytes);
    void* const again = take_block(bytes);
    CHECK(again == own);
    return_block(again, bytes);
  }).join();
}

TEST_CASE("while the store is bypassed, blocks are freed") {
  constexpr std::size_t bytes = 1 << 20;
  release_blocks();
  void* const block = take_block(bytes);
  const std::size_t before = allocated_bytes();
  {
    const StoreBypass bypass;
    return_block(block, bytes);
  }
  if (before > 0) CHECK(allocated_bytes() + bytes <= before);
}

#include "autodiff/graph/keyed_nodes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

#include "autodiff/core/random.hpp"
#include "autodiff/values/pool.hpp"

using namespace chainrule;

namespace {

void push(detail::KeyedNodes<>& nodes, VariableKey key, std::uint32_t id) {
  nodes.reserve_one();
  nodes.push(key, id);
}

/// The ids of a key's nodes, the youngest first.
template <template <class> class Allocator>
std::vector<std::uint32_t> ids_of(const detail::KeyedNodes<Allocator>& nodes, VariableKey key) {
  std::vector<std::uint32_t> ids;
  for (const detail::KeyedNode* node = nodes.find(key); node != nullptr; node = nodes.older(*node))
    ids.push_back(node->id);
  return ids;
}
std::vector<std::uint32_t> ids_of(const std::vector<detail::KeyedNode>& list, VariableKey key) {
  std::vector<std::uint32_t> ids;
  for (auto node = list.rbegin(); node != list.rend(); ++node)
    if (node->key == key) ids.push_back(node->id);
  return ids;
}

/// The mean number of slots that find() reads for `count` keys, each added once.
double mean_probes(std::vector<VariableKey> keys) {
  detail::KeyedNodes<> nodes;
  std::uint32_t id = 0;
  for (const VariableKey key : keys) push(nodes, key, id++);
  double probes = 0.0;
  for (const VariableKey key : keys) probes += static_cast<double>(nodes.probes(key));
  return probes / static_cast<double>(keys.size());
}

}  // namespace

TEST_CASE("keys are distinct, and none is 0") {
  std::vector<VariableKey> keys;  // in this program, the first are among them
  for (int i = 0; i < 10; ++i) keys.push_back(new_variable_key());
  for (const VariableKey key : keys) {
    CHECK(key != 0);
    CHECK(std::count(keys.begin(), keys.end(), key) == 1);
  }
}

TEST_CASE("a lookup reads as many slots among 100,000 keys as among 10") {
  for (const std::size_t count : {10u, 1000u, 100'000u}) {
    CAPTURE(count);
    std::vector<VariableKey> consecutive, strided, scattered;
    Random random(1);
    for (std::size_t i = 0; i < count; ++i) {
      consecutive.push_back(i + 1);
      strided.push_back(64 * (i + 1));
      scattered.push_back(1 + static_cast<VariableKey>(random.uniform() * 1e15));
    }
    CHECK(mean_probes(consecutive) < 2.0);
    CHECK(mean_probes(strided) < 2.0);
    CHECK(mean_probes(scattered) < 2.0);
  }
}

TEST_CASE("a key that is alone is found in the first slot that is read") {
  detail::KeyedNodes<> nodes;
  CHECK(nodes.probes(5) == 0);
  push(nodes, 5, 0);
  CHECK(nodes.probes(5) == 1);
}

TEST_CASE("nothing is found in an empty list, or one that was emptied") {
  detail::KeyedNodes<> nodes;
  CHECK(nodes.find(1) == nullptr);
  push(nodes, 1, 0);
  CHECK(nodes.find(1) != nullptr);
  CHECK(nodes.find(2) == nullptr);
  nodes.shrink(0);
  CHECK(nodes.find(1) == nullptr);
  CHECK(nodes.size() == 0);
}

TEST_CASE("after random additions and removals, a key finds its nodes, the youngest first") {
  Random random(7);
  std::vector<VariableKey> consecutive, scattered;
  for (VariableKey key = 1; key <= 40; ++key) {
    consecutive.push_back(key);
    scattered.push_back(static_cast<VariableKey>(random.uniform() * 1e15));
  }
  // Few keys, so that most have several nodes, and short lists, so that the table is small and the
  // probe sequences of scattered keys overlap and wrap around.
  for (const std::vector<VariableKey>& keys : {consecutive, scattered})
    for (const double most_removed : {0.1, 1.0}) {
      detail::KeyedNodes<> nodes;
      std::vector<detail::KeyedNode> list;  // searched linearly
      std::uint32_t id = 0;
      for (int round = 0; round < 3000; ++round) {
        if (random.uniform() < 0.8) {
          const auto which = static_cast<std::size_t>(random.uniform() * 40);
          push(nodes, keys[which], id);
          list.push_back({keys[which], id, 0});
          id += 1 + static_cast<std::uint32_t>(random.uniform() * 3);
        } else {
          const double kept = 1.0 - most_removed * random.uniform();
          const auto size = static_cast<std::size_t>(kept * static_cast<double>(list.size()));
          nodes.shrink(size);
          list.resize(size);
        }
        REQUIRE(nodes.size() == list.size());
        for (const VariableKey key : keys) REQUIRE(ids_of(nodes, key) == ids_of(list, key));
      }
    }
}

namespace {
std::size_t allocations = 0;

/// Counts the allocations of a list.
template <class T>
struct CountingAllocator : std::allocator<T> {
  CountingAllocator() = default;
  template <class U>
  CountingAllocator(const CountingAllocator<U>&) {}
  template <class U>
  struct rebind {
    using other = CountingAllocator<U>;
  };
  T* allocate(std::size_t n) {
    ++allocations;
    return std::allocator<T>::allocate(n);
  }
};
}  // namespace

TEST_CASE("room for a node is made before it is added, and at least doubled") {
  detail::KeyedNodes<CountingAllocator> nodes;
  allocations = 0;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    nodes.reserve_one();
    const std::size_t before = allocations;
    nodes.push(i + 1, i);
    REQUIRE(allocations == before);
  }
  CHECK(allocations <= 2 * 8);  // two arrays, from 8 nodes to 1024
}

TEST_CASE("the bytes of a list: 16 for a node, and a table that is at most half full") {
  detail::KeyedNodes<> nodes;
  CHECK(nodes.bytes_used() == 0);
  CHECK(nodes.bytes_reserved() == 0);
  std::uint32_t id = 0;
  const auto add = [&](int count) {
    for (int i = 0; i < count; ++i, ++id) push(nodes, id + 1, id);
  };
  add(1);
  CHECK(nodes.bytes_used() == 16);
  CHECK(nodes.bytes_reserved() == 8 * 16 + 16 * 4);
  add(7);
  CHECK(nodes.bytes_used() == 8 * 16);
  CHECK(nodes.bytes_reserved() == 8 * 16 + 16 * 4);
  add(1);
  CHECK(nodes.bytes_reserved() == 16 * 16 + 64 * 4);
  add(23);
  CHECK(nodes.bytes_reserved() == 32 * 16 + 64 * 4);
  add(1);
  CHECK(nodes.bytes_used() == 33 * 16);
  CHECK(nodes.bytes_reserved() == 64 * 16 + 256 * 4);
  CHECK(detail::KeyedNodes<>(nodes, 16).bytes_reserved() == 16 * 16 + 32 * 4);
  nodes.shrink(0);
  CHECK(nodes.bytes_used() == 0);
  CHECK(nodes.bytes_reserved() == 64 * 16 + 256 * 4);  // kept
}

TEST_CASE("a copy has the nodes before an id and keeps them when the original changes") {
  detail::KeyedNodes<> nodes;
  for (std::uint32_t i = 0; i < 30; ++i) push(nodes, 1 + i % 3, 2 * i);
  const detail::KeyedNodes<PoolAllocator> copy(nodes, 20), none(nodes, 0);
  nodes.shrink(0);
  CHECK(copy.size() == 10);
  CHECK(ids_of(copy, 1) == std::vector<std::uint32_t>{18, 12, 6, 0});
  CHECK(ids_of(copy, 2) == std::vector<std::uint32_t>{14, 8, 2});
  CHECK(none.size() == 0);
  CHECK(none.find(1) == nullptr);
}

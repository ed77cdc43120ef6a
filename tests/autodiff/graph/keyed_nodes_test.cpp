#include "autodiff/graph/keyed_nodes.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "autodiff/core/random.hpp"
#include "autodiff/values/pool.hpp"

using namespace chainrule;

namespace {

void push(KeyedNodes<>& nodes, VariableKey key, std::uint32_t id) {
  nodes.reserve_one();
  nodes.push(key, id);
}

/// The ids of a key's nodes, the youngest first.
template <template <class> class Allocator>
std::vector<std::uint32_t> ids_of(const KeyedNodes<Allocator>& nodes, VariableKey key) {
  std::vector<std::uint32_t> ids;
  for (const KeyedNode* node = nodes.find(key); node != nullptr; node = nodes.older(*node))
    ids.push_back(node->id);
  return ids;
}
std::vector<std::uint32_t> ids_of(const std::vector<KeyedNode>& list, VariableKey key) {
  std::vector<std::uint32_t> ids;
  for (auto node = list.rbegin(); node != list.rend(); ++node)
    if (node->key == key) ids.push_back(node->id);
  return ids;
}

/// The mean number of slots that find() reads for `count` keys, each added once.
double mean_probes(std::vector<VariableKey> keys) {
  KeyedNodes<> nodes;
  std::uint32_t id = 0;
  for (const VariableKey key : keys) push(nodes, key, id++);
  double probes = 0.0;
  for (const VariableKey key : keys) probes += static_cast<double>(nodes.probes(key));
  return probes / static_cast<double>(keys.size());
}

}  // namespace

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

TEST_CASE("nothing is found in an empty list, or one that was emptied") {
  KeyedNodes<> nodes;
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
  KeyedNodes<> nodes;
  std::vector<KeyedNode> list;  // searched linearly
  std::uint32_t id = 0;
  constexpr VariableKey keys = 40;  // few, so that most have several nodes
  for (int round = 0; round < 3000; ++round) {
    const double choice = random.uniform();
    if (choice < 0.9) {
      const auto key = 1 + static_cast<VariableKey>(random.uniform() * keys);
      push(nodes, key, id);
      list.push_back({key, id, 0});
      id += 1 + static_cast<std::uint32_t>(random.uniform() * 3);
    } else {
      const double kept = choice < 0.99 ? random.uniform() : 0.0;
      const auto size = static_cast<std::size_t>(kept * static_cast<double>(list.size()));
      nodes.shrink(size);
      list.resize(size);
    }
    REQUIRE(nodes.size() == list.size());
    for (VariableKey key = 1; key <= keys; ++key) REQUIRE(ids_of(nodes, key) == ids_of(list, key));
  }
}

TEST_CASE("a copy has the nodes before an id and keeps them when the original changes") {
  KeyedNodes<> nodes;
  for (std::uint32_t i = 0; i < 30; ++i) push(nodes, 1 + i % 3, 2 * i);
  const KeyedNodes<PoolAllocator> copy(nodes, 20), none(nodes, 0);
  nodes.shrink(0);
  CHECK(copy.size() == 10);
  CHECK(ids_of(copy, 1) == std::vector<std::uint32_t>{18, 12, 6, 0});
  CHECK(ids_of(copy, 2) == std::vector<std::uint32_t>{14, 8, 2});
  CHECK(none.size() == 0);
  CHECK(none.find(1) == nullptr);
}

// The variables of a record that have a key, found by that key at a cost that does not depend on
// their number.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// Identifies the owner of values that become a variable in many graphs, such as a parameter of a
/// model. Unique in the process; 0 is none.
using VariableKey = std::uint64_t;
VariableKey new_variable_key();

namespace detail {

/// A variable with a key. If the values of a key change, it can have several variables in one
/// graph.
struct KeyedNode {
  VariableKey key;
  std::uint32_t id;
  std::uint32_t older;  ///< index of the next older node of the key, or no_index
};

/// Keyed nodes in the order of their ids, with a hash table from each key to its youngest node:
/// open addressing with linear probing, at most half full. Memory is kept when nodes are removed.
template <template <class> class Allocator = std::allocator>
class KeyedNodes {
 public:
  static constexpr std::uint32_t no_index = ~std::uint32_t{0};

  KeyedNodes() = default;
  /// The nodes of another list with ids below `end`. Cost: linear in their number.
  template <template <class> class Other>
  KeyedNodes(const KeyedNodes<Other>& other, std::uint32_t end) {
    const auto is_before = [end](const KeyedNode& node) { return node.id < end; };
    const auto last = std::partition_point(other.nodes_.begin(), other.nodes_.end(), is_before);
    nodes_.assign(other.nodes_.begin(), last);
    if (!nodes_.empty()) rebuild(nodes_.size());
  }

  std::size_t size() const { return nodes_.size(); }

  /// The youngest node with the key; nullptr if there is none. Cost: independent of size().
  const KeyedNode* find(VariableKey key) const {
    if (nodes_.empty()) return nullptr;
    const std::uint32_t index = slots_[slot_of(key)];
    return index == no_index ? nullptr : &nodes_[index];
  }
  /// The next older node with the same key; nullptr if there is none.
  const KeyedNode* older(const KeyedNode& node) const {
    return node.older == no_index ? nullptr : &nodes_[node.older];
  }

  /// Makes room for one more node, so that the next push() cannot fail. Throws std::bad_alloc.
  void reserve_one() {
    if (nodes_.size() == nodes_.capacity())
      nodes_.reserve(std::max<std::size_t>(8, 2 * nodes_.size()));
    if (2 * (nodes_.size() + 1) > slots_.size()) rebuild(2 * (nodes_.size() + 1));
  }
  /// Appends a node. Preconditions: reserve_one() was called, and `id` is larger than all earlier
  /// ids.
  void push(VariableKey key, std::uint32_t id) noexcept {
    std::uint32_t& slot = slots_[slot_of(key)];
    nodes_.push_back({key, id, slot});
    slot = static_cast<std::uint32_t>(nodes_.size() - 1);
  }
  /// Removes all but the first `size` nodes.
  void shrink(std::size_t size) noexcept {
    while (nodes_.size() > size) remove_last();
  }

  std::size_t bytes_used() const { return nodes_.size() * sizeof(KeyedNode); }
  std::size_t bytes_reserved() const {
    return nodes_.capacity() * sizeof(KeyedNode) + slots_.capacity() * sizeof(std::uint32_t);
  }
  /// How many slots of the table find() reads for the key. For tests of its cost.
  std::size_t probes(VariableKey key) const {
    return nodes_.empty() ? 0 : ((slot_of(key) - home(key)) & mask()) + 1;
  }

 private:
  template <template <class> class>
  friend class KeyedNodes;

  std::size_t mask() const { return slots_.size() - 1; }  // the size is a power of 2
  /// Fibonacci hashing (Knuth, The Art of Computer Programming 3, section 6.4): spreads consecutive
  /// keys, as new_variable_key() makes them, evenly.
  std::size_t home(VariableKey key) const {
    return static_cast<std::size_t>((key * 0x9e37'79b9'7f4a'7c15u) >> shift_);
  }
  /// The slot that holds the youngest node of the key, or the empty slot where it would be
  /// inserted.
  std::size_t slot_of(VariableKey key) const {
    std::size_t slot = home(key);
    while (slots_[slot] != no_index && nodes_[slots_[slot]].key != key) slot = (slot + 1) & mask();
    return slot;
  }

  /// A table with room for `count` keys.
  void rebuild(std::size_t count) {
    std::size_t size = 16;
    int bits = 4;
    for (; size < 2 * count; size *= 2) ++bits;
    slots_.assign(size, no_index);
    shift_ = 64 - bits;
    std::uint32_t index = 0;
    for (const KeyedNode& node : nodes_) slots_[slot_of(node.key)] = index++;
  }

  /// Nodes are removed in the reverse order in which they were added, so the slot that becomes
  /// empty was empty before: no probe sequence leads through it.
  void remove_last() noexcept {
    slots_[slot_of(nodes_.back().key)] = nodes_.back().older;
    nodes_.pop_back();
  }

  std::vector<KeyedNode, Allocator<KeyedNode>> nodes_;
  std::vector<std::uint32_t, Allocator<std::uint32_t>> slots_;
  int shift_ = 60;  // 64 minus the binary logarithm of the number of slots
};

}  // namespace detail
}  // namespace chainrule

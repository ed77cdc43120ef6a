// The nodes on the paths from some inputs to some outputs.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "autodiff/graph/tape.hpp"

namespace chainrule::detail {

/// A map from some node ids to small numbers; 0 for all other ids. A hash table that keeps
/// neighbouring ids close together. Cost of a call: a few nanoseconds, whatever the size of the
/// graph.
class NodeTable {
 public:
  NodeTable() : slots_(64) {}
  std::uint32_t get(Id id) const {
    const Slot& slot = slots_[slot_of(id)];
    return slot.key == key_of(id) ? slot.number : 0;
  }
  void set(Id id, std::uint32_t number);

 private:
  struct Slot {
    Id key = 0;  // 1 + the id; 0 if the slot is free
    std::uint32_t number = 0;
  };
  static Id key_of(Id id) { return id + 1; }
  /// The slot of a node, or the free slot where it would be inserted.
  std::size_t slot_of(Id id) const {
    std::size_t i = id & (slots_.size() - 1);
    while (slots_[i].key != 0 && slots_[i].key != key_of(id)) i = (i + 1) & (slots_.size() - 1);
    return i;
  }

  std::vector<Slot> slots_;  // the size is a power of 2
  std::size_t used_ = 0;
};

/// Finds the nodes on all paths. Cost: linear in the number of nodes that the outputs depend on and
/// that are not older than the oldest input; other nodes of the graph cost nothing.
class Paths {
 public:
  Paths(const Tape& tape, std::span<const Tag> inputs, std::span<const Tag> outputs);

  /// The nodes in ascending order: each depends on an input, and an output depends on each.
  std::span<const Id> ids() const { return ids_; }
  static constexpr std::size_t none = ~std::size_t{0};
  /// The index of a node in ids(), or `none`.
  std::size_t find(Id id) const { return std::size_t{indices_.get(id)} - 1; }

 private:
  void collect(const Tape& tape, Id first, std::span<const Tag> outputs);
  void sort(Id first, Id last);
  void keep_dependent(const Tape& tape, std::span<const Tag> inputs);

  NodeTable indices_;  // 1 + the index in ids_
  std::vector<Id> ids_;
};

}  // namespace chainrule::detail

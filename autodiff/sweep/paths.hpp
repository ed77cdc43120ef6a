// The nodes on the paths from some inputs to some outputs.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "autodiff/graph/tape.hpp"

namespace chainrule::detail {

/// A map from some node ids to small numbers; 0 for all other ids. A hash table of pages of
/// adjacent ids. Cost of a call: a few nanoseconds, whatever the size of the graph.
class NodeTable {
 public:
  std::uint32_t get(Id id) const { return pages_[slot_of(id / page_size)].numbers[id % page_size]; }
  void set(Id id, std::uint32_t number);

 private:
  static constexpr Id page_size = 8;
  struct Page {
    Id key = 0;  // 1 + the number of the page; 0 if the slot is free
    std::array<std::uint32_t, page_size> numbers{};
  };
  /// The slot of a page, or the free slot where it would be inserted. (Fibonacci hashing scatters
  /// adjacent pages. Without scattering, two long runs of ids that share slots make each search
  /// linear in the length of a run.)
  std::size_t slot_of(Id page) const {
    std::size_t i = (page * std::uint64_t{0x9e37'79b9'7f4a'7c15u}) >> (64 - log2_size_);
    while (pages_[i].key != 0 && pages_[i].key != page + 1) i = (i + 1) & (pages_.size() - 1);
    return i;
  }

  int log2_size_ = 4;
  std::vector<Page> pages_ = std::vector<Page>(std::size_t{1} << log2_size_);
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

// The nodes on the paths from some inputs to some outputs.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "autodiff/graph/tape.hpp"

namespace chainrule {

/// Cost: linear in the nodes that the outputs depend on and that are not older than the oldest
/// input; other nodes of the graph cost nothing.
class Paths {
 public:
  Paths(const Tape& tape, std::span<const Tag> inputs, std::span<const Tag> outputs);

  /// The nodes, ascending: each depends on an input, and an output on each.
  std::span<const Id> ids() const { return ids_; }
  static constexpr std::size_t none = ~std::size_t{0};
  /// The place of a node in ids(), or `none`.
  std::size_t find(Id id) const {
    return id >= first_ && id <= last_ ? std::size_t{places_[id - first_]} - 1 : none;
  }

 private:
  void collect(const Tape& tape, std::span<const Tag> outputs);
  void sort();
  void keep_dependent(const Tape& tape, std::span<const Tag> inputs);

  struct Free {
    void operator()(std::uint32_t* memory) const;
  };
  Id first_ = 1, last_ = 0;
  std::unique_ptr<std::uint32_t[], Free> places_;  // 1 + the place in ids_; 0 for other nodes
  std::vector<Id> ids_;
};

}  // namespace chainrule

// Selects the nodes of a record that a picture shows.
#pragma once

#include <vector>

#include "autodiff/graph/node.hpp"

namespace chainrule::detail {

/// The nodes that the outputs depend on; if they exceed the limit, those nearest to the outputs.
class Selection {
 public:
  /// With `whole_graph`, an unused variable is not an output. A limit of 0 means no limit.
  Selection(const Tape& tape, const std::vector<Id>& outputs, bool whole_graph, std::size_t limit);

  /// One more than the largest id of these nodes.
  std::size_t end() const { return state_.size(); }
  bool is_drawn(Id id) const { return (state_[id] & drawn) != 0; }
  bool is_output(Id id) const { return (state_[id] & output) != 0; }
  std::size_t needed_count() const { return needed_count_; }
  std::size_t drawn_count() const { return drawn_count_; }
  std::size_t hidden_count() const { return needed_count_ - drawn_count_; }

 private:
  enum State : unsigned char { needed = 1, drawn = 2, output = 4 };
  std::vector<unsigned char> state_;  // indexed by id, up to the last output
  std::size_t needed_count_ = 0, drawn_count_ = 0;
};

/// Calls f(k, operand) for each operand of a node.
template <class F>
void for_each_operand(const Tape& tape, const Node& node, F&& f) {
  for (int k = 0; k < node.arity; ++k) f(k, node_operand(tape, node, k));
}

}  // namespace chainrule::detail

#include "autodiff/view/selection.hpp"

#include <algorithm>

namespace chainrule::detail {
Selection::Selection(const Tape& tape, const std::vector<Id>& outputs, bool whole_graph,
                     std::size_t limit) {
  state_.resize(outputs.empty() ? 0 : *std::max_element(outputs.begin(), outputs.end()) + 1);
  for (const Id id : outputs) {
    const bool unused = whole_graph && read_node(tape, id).is_variable();
    state_[id] = unused ? needed : needed | output;
  }
  for (std::size_t id = state_.size(); id-- > 0;) {
    if (!(state_[id] & needed)) continue;
    ++needed_count_;
    for_each_operand(tape, read_node(tape, static_cast<Id>(id)), [&](int, const NodeOperand& x) {
      if (!x.is_constant) state_[x.id] |= needed;
    });
  }
  if (limit == 0) limit = needed_count_;
  std::vector<Id> queue;  // sorted by distance from the outputs
  const auto enqueue = [&](Id id) {
    if ((state_[id] & drawn) || queue.size() == limit) return;
    state_[id] |= drawn;
    queue.push_back(id);
  };
  for (const Id id : outputs) enqueue(id);
  for (std::size_t i = 0; i < queue.size() && queue.size() < limit; ++i)
    for_each_operand(tape, read_node(tape, queue[i]), [&](int, const NodeOperand& x) {
      if (!x.is_constant) enqueue(x.id);
    });
  drawn_count_ = queue.size();
}

}  // namespace chainrule::detail

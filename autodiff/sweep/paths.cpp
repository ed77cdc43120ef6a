#include "autodiff/sweep/paths.hpp"

#include <algorithm>
#include <utility>

#include "autodiff/graph/node.hpp"

namespace chainrule::detail {

void NodeTable::set(Id id, std::uint32_t number) {
  if (2 * (used_ + 1) > pages_.size()) {
    ++log2_size_;
    const std::vector<Page> old = std::exchange(pages_, std::vector<Page>(2 * pages_.size()));
    for (const Page& page : old)
      if (page.key != 0) pages_[slot_of(page.key - 1)] = page;
  }
  Page& page = pages_[slot_of(id / page_size)];
  if (page.key == 0) ++used_;
  page.key = id / page_size + 1;
  page.numbers[id % page_size] = number;
}

Paths::Paths(const Tape& tape, std::span<const Tag> inputs, std::span<const Tag> outputs) {
  if (inputs.empty() || outputs.empty()) return;
  Id first = id_of(inputs[0]), last = id_of(outputs[0]);
  for (const Tag input : inputs) first = std::min(first, id_of(input));
  for (const Tag output : outputs) last = std::max(last, id_of(output));
  if (first > last) return;
  collect(tape, first, outputs);
  sort(first, last);
  keep_dependent(tape, inputs);
}

/// Finds all nodes from `first` on that the outputs depend on, and gives each an index above 0.
void Paths::collect(const Tape& tape, Id first, std::span<const Tag> outputs) {
  const auto visit = [&](Id id) {
    if (id < first || indices_.get(id) != 0) return;
    indices_.set(id, 1);
    ids_.push_back(id);
  };
  for (const Tag output : outputs) visit(id_of(output));
  for (std::size_t next = 0; next < ids_.size(); ++next) {
    const Node node = read_node(tape, ids_[next]);
    for (int k = 0; k < node.arity; ++k) {
      const NodeOperand operand = node_operand(tape, node, k);
      if (!operand.is_constant) visit(operand.id);
    }
  }
}

void Paths::sort(Id first, Id last) {
  if (ids_.size() < (last - first) / 16) {
    std::sort(ids_.begin(), ids_.end());
    return;
  }
  ids_.clear();
  for (std::size_t id = first; id <= last; ++id)
    if (indices_.get(static_cast<Id>(id)) != 0) ids_.push_back(static_cast<Id>(id));
}

void Paths::keep_dependent(const Tape& tape, std::span<const Tag> inputs) {
  constexpr std::uint32_t input_mark = 2;
  for (const Tag input : inputs)
    if (indices_.get(id_of(input)) != 0) indices_.set(id_of(input), input_mark);
  // Operands are older than the node, so their indices are final here.
  std::size_t kept = 0;
  for (const Id id : ids_) {
    bool depends = indices_.get(id) == input_mark;
    if (!depends) {
      const Node node = read_node(tape, id);
      for (int k = 0; k < node.arity && !depends; ++k) {
        const NodeOperand operand = node_operand(tape, node, k);
        depends = !operand.is_constant && find(operand.id) != none;
      }
    }
    if (depends) ids_[kept++] = id;
    indices_.set(id, depends ? static_cast<std::uint32_t>(kept) : 0);
  }
  ids_.resize(kept);
}

}  // namespace chainrule::detail

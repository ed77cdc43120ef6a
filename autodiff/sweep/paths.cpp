#include "autodiff/sweep/paths.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

#include "autodiff/graph/node.hpp"

namespace chainrule {

void Paths::Free::operator()(std::uint32_t* memory) const { std::free(memory); }

Paths::Paths(const Tape& tape, std::span<const Tag> inputs, std::span<const Tag> outputs) {
  if (inputs.empty() || outputs.empty()) return;
  Id first = id_of(inputs[0]), last = id_of(outputs[0]);
  for (const Tag input : inputs) first = std::min(first, id_of(input));
  for (const Tag output : outputs) last = std::max(last, id_of(output));
  if (first > last) return;
  // Memory that calloc() maps is zero without being written, and costs nothing where no node of the
  // paths is.
  places_.reset(static_cast<std::uint32_t*>(
      std::calloc(last - first + std::size_t{1}, sizeof(std::uint32_t))));
  if (places_ == nullptr) throw std::bad_alloc();
  first_ = first;
  last_ = last;
  collect(tape, outputs);
  sort();
  keep_dependent(tape, inputs);
}

/// Finds all nodes that the outputs depend on; each gets a place above 0.
void Paths::collect(const Tape& tape, std::span<const Tag> outputs) {
  const auto visit = [&](Id id) {
    if (id < first_ || places_[id - first_] != 0) return;
    places_[id - first_] = 1;
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

void Paths::sort() {
  const std::size_t stretch = last_ - first_ + std::size_t{1};
  if (ids_.size() < stretch / 16) {
    std::sort(ids_.begin(), ids_.end());
    return;
  }
  ids_.clear();
  for (std::size_t i = 0; i < stretch; ++i)
    if (places_[i] != 0) ids_.push_back(static_cast<Id>(first_ + i));
}

void Paths::keep_dependent(const Tape& tape, std::span<const Tag> inputs) {
  constexpr std::uint32_t input_mark = 2;
  for (const Tag input : inputs)
    if (const Id id = id_of(input); id <= last_ && places_[id - first_] != 0)
      places_[id - first_] = input_mark;
  // Operands are older, so their places are final when a node asks for them.
  std::size_t kept = 0;
  for (const Id id : ids_) {
    bool depends = places_[id - first_] == input_mark;
    if (!depends) {
      const Node node = read_node(tape, id);
      for (int k = 0; k < node.arity && !depends; ++k) {
        const NodeOperand operand = node_operand(tape, node, k);
        depends = !operand.is_constant && find(operand.id) != none;
      }
    }
    if (depends) ids_[kept++] = id;
    places_[id - first_] = depends ? static_cast<std::uint32_t>(kept) : 0;
  }
  ids_.resize(kept);
}

}  // namespace chainrule

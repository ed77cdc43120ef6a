#include "autodiff/graph/keyed_variable.hpp"

#include "autodiff/graph/graph_stack.hpp"
#include "autodiff/graph/node.hpp"

namespace chainrule {
using namespace detail;

namespace {

/// The youngest variable with this key in the current graph if it has this very array, else a new
/// variable.
Tensor find_or_make(VariableKey key, const Array& value) {
  Tape& tape = recording_tape();
  if (const KeyedNode* const node = tape.find(key, Tape::no_end)) {
    Tensor found = tensor_of_node(tape, node->id);
    if (found.value().is_same(value)) return found;
  }
  tape.tensors.keyed.reserve_one();
  Tensor variable = detail::variable_unchecked(value);
  tape.tensors.keyed.push(key, variable.id());
  return variable;
}

}  // namespace

Tensor KeyedVariable::enter(const Array& value) {
  // A tag of the current generation is a node of the current graph.
  if (is_current_ && generation_of(tag_) == detail::current_generation()) [[likely]]
    return Tensor::node(value, tag_);
  Tape& tape = recording_tape();
  if (tape.is_stopped()) return value;  // no graph is alive
  if (is_current_ && tape.owns(tag_)) return Tensor::node(value, tag_);
  Tensor variable = find_or_make(key_, value);
  tag_ = variable.tag();
  is_current_ = true;
  return variable;
}

}  // namespace chainrule

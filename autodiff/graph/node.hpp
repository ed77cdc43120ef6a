// Reading a record, node by node: what views and the recorded sweep see of it.
#pragma once

#include <array>

#include "autodiff/graph/operation.hpp"

namespace chainrule {

/// One operand of a node: another node, or a constant.
struct NodeOperand {
  bool is_constant;
  Id id;         ///< of the node; 0 for a constant
  double value;  ///< of either
};

/// One node of a record, decoded. Cost of decoding: a few loads.
struct Node {
  Id id;
  const Operation* operation;  ///< nullptr for a variable
  double value;
  int arity;  ///< 0 for a variable
  std::array<NodeOperand, max_arity> operands;

  bool is_variable() const { return operation == nullptr; }
};

/// Node `id` of a tape. Precondition: id < tape.size().
Node read_node(const Tape& tape, Id id);

}  // namespace chainrule

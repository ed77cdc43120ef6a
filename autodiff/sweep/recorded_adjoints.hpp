// The adjoints of a recorded sweep.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "autodiff/graph/node.hpp"
#include "autodiff/graph/tensor_adjoint.hpp"
#include "autodiff/rules/arithmetic.hpp"
#include "autodiff/sweep/paths.hpp"

namespace chainrule::detail {

/// The adjoint of a scalar or of a tensor; not set if the sweep has not reached it.
struct RecordedAdjoint {
  bool is_set = false;
  Var scalar;
  Adjoint<Tensor> tensor;

  /// Adds an adjoint of a scalar.
  void add(const Var& contribution) {
    scalar = is_set ? scalar + contribution : contribution;
    is_set = true;
  }
};

/// The adjoints of the nodes on the paths from inputs to outputs.
class RecordedAdjoints {
 public:
  RecordedAdjoints(const Tape& tape, std::span<const Tag> inputs, std::span<const Tag> outputs)
      : tape_(tape), paths_(tape, inputs, outputs), adjoints_(paths_.ids().size()) {}

  const Tape& tape() const { return tape_; }
  std::size_t size() const { return adjoints_.size(); }
  /// By position: ids ascend.
  Id id(std::size_t i) const { return paths_.ids()[i]; }
  RecordedAdjoint& operator[](std::size_t i) { return adjoints_[i]; }
  /// The adjoint of a node; nullptr if the node is on no path.
  RecordedAdjoint* find(Id id) {
    const std::size_t i = paths_.find(id);
    return i == Paths::none ? nullptr : &adjoints_[i];
  }
  /// The same for an operand; nullptr for a constant, too.
  RecordedAdjoint* find(const NodeOperand& operand) {
    return operand.is_constant ? nullptr : find(operand.id);
  }

 private:
  const Tape& tape_;
  Paths paths_;
  std::vector<RecordedAdjoint> adjoints_;
};

}  // namespace chainrule::detail

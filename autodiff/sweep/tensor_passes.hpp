// What the sweeps do at tensor nodes, as a table of functions.
//
// The sweeps themselves know only this interface. The record refers to the table from its first
// tensor node on (graph/tensor_record.hpp), so programs that record only numbers do not contain the
// functions behind it, nor the loops that these use.
#pragma once

#include <cstddef>
#include <memory>

#include "autodiff/sweep/recorded_adjoints.hpp"
#include "autodiff/sweep/tensor_adjoints.hpp"

namespace chainrule::detail {

struct Node;

/// The recorded sweep at tensor nodes and at elements of tensors.
class RecordedTensors {
 public:
  virtual ~RecordedTensors() = default;
  /// Adds an adjoint of a tensor.
  virtual void add(RecordedAdjoint& sum, const Adjoint<Tensor>& contribution) = 0;
  /// Adds to `sum`, the adjoint of node `id`, the contributions of its elements, slices and
  /// selected rows. Call it when the sweep reaches the node: they come from younger nodes.
  virtual void add_collected(Id id, RecordedAdjoint& sum) = 0;
  /// Passes the adjoint of a tensor, or of an element of one, on to the operands.
  virtual void pass(const Node& node, const RecordedAdjoint& adjoint) = 0;
};

struct TensorPasses {
  /// Numeric sweep: passes the adjoint of tensor node `index` on to its operands, which are
  /// tensors, or the scalars that it consists of.
  void (*pass)(const Tape& tape, std::size_t index, double* adjoints, TensorAdjoints& tensors);
  /// Numeric sweep: adds `adjoint` to one element of a tensor's adjoint.
  void (*add_to_element)(const Tape& tape, const ElementNode& element, double adjoint,
                         double* adjoints, TensorAdjoints& tensors);
  /// Begins a recorded sweep, whose adjoints must outlive the result.
  std::unique_ptr<RecordedTensors> (*begin_recorded)(RecordedAdjoints& adjoints);
};

}  // namespace chainrule::detail

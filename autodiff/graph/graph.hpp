// Graph: owns the record of a computation.
#pragma once

#include <string>
#include <vector>

#include "autodiff/graph/var.hpp"

namespace chainrule {

/// Statistics of a graph.
struct GraphStatistics {
  std::size_t nodes = 0, variables = 0;  ///< scalars and tensors
  std::size_t tensors = 0;               ///< nodes that are tensors
  std::size_t constants = 0;             ///< distinct plain numbers among the operands
  std::size_t bytes = 0;                 ///< used by all nodes, including the elements of tensors
  std::size_t tensor_bytes = 0;          ///< the part used by elements; shared ones count once
  std::size_t bytes_reserved = 0;        ///< allocated, whether used or not
  struct Count {
    std::string operation;
    std::size_t nodes;
  };
  std::vector<Count> operations;  ///< nodes of each operation: highest count first, then by name

  /// A table to print.
  std::string text() const;
};

/// The record of a computation. While a Graph lives, every operation on Vars and Tensors in the
/// thread that made it is recorded into it. Graphs nest: the innermost one records, and destroying
/// it reactivates the enclosing graph. Graphs may be destroyed in any order.
///
/// A graph belongs to the thread that made it; only the destructor may run in another thread, and
/// only when the thread that made it no longer uses it (docs/threads.md). Threads that use
/// different graphs need no synchronisation.
///
/// A destroyed graph leaves its memory to the next graph of its thread; destroyed in another
/// thread, it frees it. Cost of making and destroying one: tens of nanoseconds.
class Graph {
 public:
  Graph();
  ~Graph();
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  /// The number of nodes recorded.
  std::size_t size() const { return tape_->size(); }

  /// Forgets everything that was recorded. Its Vars become invalid; memory is kept for reuse.
  void clear() { tape_->clear(); }

  /// The current end of the record, for rewind().
  Mark mark() const { return tape_->mark(); }
  /// Forgets everything recorded after the mark, with its names and scopes. Vars recorded since
  /// then become invalid; older ones stay valid, and open scopes stay open. Throws GraphError if
  /// the mark belongs to another graph, or to a part of this one that was cleared or rewound. Cost:
  /// linear in the number of nodes forgotten and in the number of scopes.
  void rewind(const Mark& mark) { tape_->rewind(mark); }

  /// Sets the largest number of nodes (2^28 - 1 by default). Recording one more throws GraphError
  /// and leaves the graph unchanged. A limit below the current size stops further recording.
  void set_node_limit(std::size_t nodes) { tape_->set_node_limit(nodes); }
  std::size_t node_limit() const { return tape_->node_limit(); }

  /// Cost: linear in the number of nodes.
  GraphStatistics statistics() const;

  /// The record, for code that reads it node by node.
  const detail::Tape& tape() const { return *tape_; }

 private:
  detail::Tape* tape_;
};

}  // namespace chainrule

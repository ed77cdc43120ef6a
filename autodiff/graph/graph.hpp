// Graph: the owner of a record.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "autodiff/graph/var.hpp"

namespace chainrule {

/// What a graph holds.
struct GraphStatistics {
  std::size_t nodes = 0, variables = 0;  ///< numbers and tensors alike
  std::size_t tensors = 0;               ///< nodes that are tensors
  std::size_t constants = 0;             ///< different plain numbers among the operands
  std::size_t bytes = 0;           ///< used by the nodes there are, tensors with their elements
  std::size_t tensor_bytes = 0;    ///< of these, for elements of tensors; shared ones count once
  std::size_t bytes_reserved = 0;  ///< held in memory, to be used by the next nodes
  struct Count {
    std::string operation;
    std::size_t nodes;
  };
  std::vector<Count> operations;  ///< nodes by operation, most first, then by name

  /// A table for people.
  std::string text() const;
};

/// While it lives, operations on Vars in this thread are recorded into it. Graphs nest: the
/// youngest records, and its end gives the turn back to the one around it. A graph belongs to the
/// thread that made it and must be destroyed there; threads with graphs of their own share nothing.
/// Its memory goes to the next graph of the thread. Cost of making and ending one: tens of
/// nanoseconds.
class Graph {
 public:
  Graph();
  ~Graph();
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  /// The number of nodes recorded.
  std::size_t size() const { return tape_->size(); }

  /// Forgets everything recorded; Vars of it become invalid. Memory is kept.
  void clear() { tape_->clear(); }

  /// The present end of the record.
  Mark mark() const { return tape_->mark(); }
  /// Forgets what was recorded since the mark; Vars made since become invalid, older ones stay
  /// good. Throws GraphError if the mark is not of this graph as it is now.
  void rewind(const Mark& mark) { tape_->rewind(mark); }

  /// At most so many nodes (2^28 - 1 at first); recording one more is a GraphError and leaves the
  /// graph as it is. A limit below the present size stops further recording.
  void set_node_limit(std::size_t nodes) { tape_->set_node_limit(nodes); }
  std::size_t node_limit() const { return tape_->node_limit(); }

  /// Cost: linear in the number of nodes.
  GraphStatistics statistics() const;

  /// The record, for machines that read it.
  const Tape& tape() const { return *tape_; }

 private:
  std::unique_ptr<Tape> tape_;
};

/// Gives the memory that ended graphs of this thread left for the next ones back to the system.
void release_tapes() noexcept;

}  // namespace chainrule

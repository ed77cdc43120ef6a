#include "autodiff/graph/graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "autodiff/graph/node.hpp"

namespace chainrule {
namespace {

/// Tapes that ended graphs of this thread left behind; a few, for graphs that nest.
constexpr std::size_t kept_tapes = 4;
thread_local std::vector<std::unique_ptr<Tape>> spare_tapes;

/// Set when those are gone: a graph with static storage ends after the thread's own objects.
thread_local bool thread_ends = false;
struct EndOfThread {
  ~EndOfThread() { thread_ends = true; }
};
thread_local EndOfThread end_of_thread;

std::unique_ptr<Tape> take_tape() {
  if (spare_tapes.empty()) {
    spare_tapes.reserve(kept_tapes);
    return std::make_unique<Tape>();
  }
  std::unique_ptr<Tape> tape = std::move(spare_tapes.back());
  spare_tapes.pop_back();
  return tape;
}

}  // namespace

Graph::Graph() : tape_(take_tape()) {
  tape_->set_node_limit(constant_bit - 1);
  tape_->clear();
  tape_->enclosing = current_tape;
  current_tape = tape_.get();
}

Graph::~Graph() {
  // Usually the innermost; a graph on the heap may end in another order.
  Tape** link = &current_tape;
  while (*link != tape_.get() && *link != nullptr) link = &(*link)->enclosing;
  if (*link == nullptr) {  // not this thread's: its thread may still refer to the tape, so keep it
    static_cast<void>(tape_.release());
    return;
  }
  *link = tape_->enclosing;
  if (spare_tapes.size() < kept_tapes) spare_tapes.push_back(std::move(tape_));
}

GraphStatistics Graph::statistics() const {
  GraphStatistics statistics;
  statistics.nodes = size();
  statistics.constants = tape_->constants.size();
  statistics.bytes = tape_->bytes_used();
  statistics.bytes_reserved = tape_->bytes_reserved();
  std::map<std::string, std::size_t> counts;
  for (std::size_t id = 0; id < size(); ++id) {
    const Node node = read_node(*tape_, static_cast<Id>(id));
    if (node.is_variable())
      ++statistics.variables;
    else
      ++counts[node.operation->notation.name];
  }
  for (const auto& [name, count] : counts) statistics.operations.push_back({name, count});
  std::stable_sort(statistics.operations.begin(), statistics.operations.end(),
                   [](const auto& a, const auto& b) { return a.nodes > b.nodes; });
  return statistics;
}

std::string GraphStatistics::text() const {
  std::string text = fmt::format("{:<16}{:>12}\n{:<16}{:>12}\n{:<16}{:>12}\n{:<16}{:>12}\n", "nodes",
                                 nodes, "variables", variables, "constants", constants, "bytes",
                                 bytes);
  for (const Count& count : operations)
    text += fmt::format("  {:<14}{:>12}\n", count.operation, count.nodes);
  return text;
}

void release_tapes() noexcept { spare_tapes.clear(); }

}  // namespace chainrule

#include "autodiff/graph/graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "autodiff/graph/node.hpp"

namespace chainrule {
using namespace detail;

Graph::Graph() : tape_(detail::begin_tape()) {}

Graph::~Graph() { detail::end_tape(tape_); }

GraphStatistics Graph::statistics() const {
  GraphStatistics statistics;
  statistics.nodes = size();
  statistics.bytes_reserved = tape_->bytes_reserved();
  std::map<std::string, std::size_t> counts;
  std::set<std::uint64_t> constants;  // by their bits: NaN has no order
  for (std::size_t id = 0; id < size(); ++id) {
    const Node node = read_node(*tape_, static_cast<Id>(id));
    if (node.is_tensor()) ++statistics.tensors;
    if (node.is_variable())
      ++statistics.variables;
    else
      ++counts[node.notation().name];
    for (int k = 0; k < node.arity; ++k) {
      const NodeOperand operand = node_operand(*tape_, node, k);
      if (operand.is_constant && operand.array == nullptr) constants.insert(bits_of(operand.value));
    }
  }
  const TensorRecord& tensors = tape_->tensors;
  statistics.constants = constants.size();
  statistics.tensor_bytes = tensors.array_bytes();
  statistics.bytes = size() * sizeof(Entry) + constants.size() * sizeof(double) +
                     tape_->wide.size() * sizeof(std::uint32_t) + tensors.record_bytes() +
                     statistics.tensor_bytes;
  for (const auto& [name, count] : counts) statistics.operations.push_back({name, count});
  std::stable_sort(statistics.operations.begin(), statistics.operations.end(),
                   [](const auto& a, const auto& b) { return a.nodes > b.nodes; });
  return statistics;
}

std::string GraphStatistics::text() const {
  std::string text;
  const auto line = [&](const char* what, std::size_t count) {
    text += fmt::format("{:<16}{:>12}\n", what, count);
  };
  line("nodes", nodes);
  line("variables", variables);
  if (tensors > 0) line("tensors", tensors);
  line("constants", constants);
  line("bytes", bytes);
  if (tensors > 0) line("  of elements", tensor_bytes);
  for (const Count& count : operations)
    text += fmt::format("  {:<14}{:>12}\n", count.operation, count.nodes);
  return text;
}

}  // namespace chainrule

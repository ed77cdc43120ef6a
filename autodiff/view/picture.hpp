// Writes a picture in the DOT language.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "autodiff/values/text.hpp"
#include "autodiff/view/clusters.hpp"
#include "autodiff/view/dot.hpp"

namespace chainrule::detail {

/// A picture under construction.
class Picture {
 public:
  Picture(const Tape& tape, const std::vector<Id>& outputs, bool whole_graph,
          const DotOptions& options);

  /// The complete DOT text. May be called once.
  std::string text();

 private:
  void head();
  void node(const Node& node);
  void folded_scope(std::size_t scope);
  void edges(const Node& node, const std::vector<Text>& operands, bool ordered);
  void edge(const std::string& from, const std::string& to, const std::string& attributes);
  void hidden();

  std::string number(double x) const;
  std::string reference(Id id) const;
  Text operand_text(const NodeOperand& x) const;
  std::string ports(int arity) const;
  std::string partial(const Flow<Text>& formula, const Flow<double>* value) const;
  void partials(const Node& node, const std::vector<Text>& operands, Flow<double>* values,
                Flow<Text>* formulas) const;

  const Tape& tape_;
  const DotOptions& options_;
  Selection selection_;
  Clusters clusters_;
  int digits_;
  std::string text_;
  std::string postponed_edges_;        // edges to nodes of open clusters: written inside, they
                                       // would draw their ends into the cluster
  std::set<std::string> known_edges_;  // edges between folded scopes, where many nodes share one
                                       // edge
};

}  // namespace chainrule::detail

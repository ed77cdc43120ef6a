// Draws the scopes of a record as clusters of a picture.
#pragma once

#include <optional>
#include <vector>

#include "autodiff/view/selection.hpp"

namespace chainrule::detail {

/// The scopes that contain drawn nodes, and which of them are folded into a single node. Only
/// innermost scopes with more than one drawn node are folded.
class Clusters {
 public:
  Clusters(const Tape& tape, const Selection& selection, bool fold);

  /// The folded scope that contains node `id`, if any: an index into Tape::scopes().
  std::optional<std::size_t> folded(Id id) const;

  /// Must be called with ascending ids. Calls close() for each open scope that ends before `id`,
  /// and open(index) for each scope that starts at or before `id` and is not open yet. Finally,
  /// call it with an id after the last node.
  template <class Open, class Close>
  void move_to(Id id, Open&& open, Close&& close) {
    while (!open_.empty() && end_of(open_.back()) <= id) {
      close();
      open_.pop_back();
    }
    for (; next_ < shown_.size() && first_of(shown_[next_]) <= id; ++next_) {
      if (end_of(shown_[next_]) <= id) continue;
      open(shown_[next_]);
      open_.push_back(shown_[next_]);
    }
  }
  bool is_open() const { return !open_.empty(); }

 private:
  Id first_of(std::size_t scope) const { return tape_.scopes()[scope].first; }
  Id end_of(std::size_t scope) const { return tape_.scopes()[scope].end; }

  const Tape& tape_;
  std::vector<std::size_t> shown_;   // scopes drawn as clusters
  std::vector<std::size_t> folded_;  // scopes drawn as one node; both lists are sorted by first id
  std::vector<std::size_t> open_;
  std::size_t next_ = 0;
};

}  // namespace chainrule::detail

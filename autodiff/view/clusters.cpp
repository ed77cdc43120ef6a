#include "autodiff/view/clusters.hpp"

#include <algorithm>

namespace chainrule::detail {
Clusters::Clusters(const Tape& tape, const Selection& selection, bool fold) : tape_(tape) {
  const auto& scopes = tape.scopes();
  for (std::size_t i = 0; i < scopes.size(); ++i) {
    const Id end = std::min<Id>(scopes[i].end, static_cast<Id>(selection.end()));
    std::size_t drawn = 0;
    for (Id id = scopes[i].first; id < end; ++id) drawn += selection.is_drawn(id) ? 1 : 0;
    if (drawn == 0) continue;
    const bool is_innermost = i + 1 == scopes.size() || scopes[i + 1].first >= scopes[i].end;
    (fold && is_innermost && drawn > 1 ? folded_ : shown_).push_back(i);
  }
}

std::optional<std::size_t> Clusters::folded(Id id) const {
  // Innermost scopes do not overlap.
  const auto next = std::upper_bound(folded_.begin(), folded_.end(), id,
                                     [&](Id a, std::size_t scope) { return a < first_of(scope); });
  if (next == folded_.begin() || end_of(*(next - 1)) <= id) return std::nullopt;
  return *(next - 1);
}

}  // namespace chainrule::detail

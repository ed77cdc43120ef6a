#include "autodiff/graph/scope.hpp"

#include <mutex>
#include <set>

namespace chainrule {

ScopeName::ScopeName(std::string_view name) {
  static std::mutex mutex;
  // Never destroyed: records of other threads may refer to names until the process ends.
  static auto& names = *new std::set<std::string, std::less<>>;
  const std::scoped_lock lock(mutex);
  auto found = names.find(name);
  if (found == names.end()) found = names.emplace(name).first;
  name_ = &*found;
}

}  // namespace chainrule

#include "nn/model/state_names.hpp"

#include <set>
#include <unordered_map>
#include <utility>

#include "nn/model/sequential.hpp"

namespace chainrule::nn::detail {
namespace {

struct Places : Members {
  std::vector<StateName> list;
  std::set<std::string, std::less<>> sequentials;  // the paths of modules of that type
  std::unordered_map<VariableKey, std::string> parameters;
  std::vector<std::pair<Buffer, std::string>> buffers;

  bool on_module(Module& module) override {
    if (dynamic_cast<const Sequential*>(&module) != nullptr) sequentials.insert(path());
    return true;
  }
  void on_parameter(Parameter& parameter) override {
    list.push_back(
        {path(), in_pytorch(), parameters.emplace(parameter.key(), path()).first->second});
  }
  void on_buffer(Buffer& buffer) override {
    for (const auto& [known, name] : buffers)
      if (known.is_same(buffer)) {
        list.push_back({path(), in_pytorch(), name});
        return;
      }
    buffers.emplace_back(buffer, path());
    list.push_back({path(), in_pytorch(), path()});
  }

  /// The path without the part "layers" that follows the path of a Sequential.
  std::string in_pytorch() const {
    const std::string& whole = path();
    std::string result;
    for (std::size_t at = 0; at <= whole.size();) {
      const std::size_t end = std::min(whole.find('.', at), whole.size());
      const std::string part = whole.substr(at, end - at);
      if (part != "layers" || !sequentials.contains(whole.substr(0, at == 0 ? 0 : at - 1)))
        result += (result.empty() ? "" : ".") + part;
      at = end + 1;
    }
    return result;
  }
};

}  // namespace

std::vector<StateName> state_names(const Module& module) {
  Places places;
  auto& visited = const_cast<Module&>(module);  // which is not changed
  places.on_module(visited);
  visited.members(places);
  return std::move(places.list);
}

}  // namespace chainrule::nn::detail

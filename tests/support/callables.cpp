#include "tests/support/callables.hpp"

#include "autodiff/autodiff.hpp"

namespace chainrule::testing {
namespace {

template <class Rule, class T>
T call(const T* x) {
  return unpack<Rule::arity>(x, [](const auto&... operand) { return T(apply<Rule>(operand...)); });
}

}  // namespace

template <class T>
const std::vector<Callable<T>>& callables() {
  static const std::vector<Callable<T>> list = [] {
    std::vector<Callable<T>> made;
    const Operation* operation = operations().begin();
    for_each_operation([&]<class Rule> { made.push_back({operation++, call<Rule, T>}); });
    return made;
  }();
  return list;
}

template const std::vector<Callable<double>>& callables();
template const std::vector<Callable<Var>>& callables();
template const std::vector<Callable<Text>>& callables();
template const std::vector<Callable<Tensor>>& callables();

}  // namespace chainrule::testing

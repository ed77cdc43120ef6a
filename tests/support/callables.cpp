#include "tests/support/callables.hpp"

#include "autodiff/autodiff.hpp"

namespace chainrule::testing {
namespace {

template <class Rule, class T>
T call(const T* x) {
  if constexpr (Rule::arity == 1)
    return T(apply<Rule>(x[0]));
  else if constexpr (Rule::arity == 2)
    return T(apply<Rule>(x[0], x[1]));
  else
    return T(apply<Rule>(x[0], x[1], x[2]));
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

#include "autodiff/kernels/elementwise.hpp"

#include <array>

#include "autodiff/core/bits.hpp"
#include "autodiff/rules/operations.hpp"
#include "autodiff/values/elements.hpp"

namespace chainrule {
namespace {

template <class T>
double get(const Stream& s, std::size_t i) {
  return static_cast<double>(static_cast<const T*>(s.data)[s.repeated ? 0 : i]);
}

template <class Rule, class T>
void value(const Stream* x, void* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    double v[3];
    for (int k = 0; k < Rule::arity; ++k) v[k] = get<T>(x[k], i);
    static_cast<T*>(out)[i] = static_cast<T>(detail::element_value<Rule>(v));
  }
}

template <class Rule, class T, int k>
void pullback(const Stream* x, Stream result, Stream adjoint, void* out, bool accumulate,
              std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    double v[3];
    for (int j = 0; j < Rule::arity; ++j) v[j] = get<T>(x[j], i);
    const double a = get<T>(adjoint, i);
    double partial = 0.0, flow = -0.0;
    if (bits_of(a) != 0x8000'0000'0000'0000u &&
        detail::element_partial<Rule>(v, get<T>(result, i), k, partial))
      flow = a * partial + 0.0;
    T& to = static_cast<T*>(out)[i];
    to = static_cast<T>(accumulate ? static_cast<double>(to) + flow : flow);
  }
}

template <class Rule, class T>
constexpr ElementwiseLoops loops() {
  ElementwiseLoops made{Rule::arity, value<Rule, T>, {}};
  made.pullback[0] = pullback<Rule, T, 0>;
  if constexpr (Rule::arity > 1) made.pullback[1] = pullback<Rule, T, 1>;
  if constexpr (Rule::arity > 2) made.pullback[2] = pullback<Rule, T, 2>;
  return made;
}

template <class T, class... Rule>
constexpr std::array<ElementwiseLoops, sizeof...(Rule)> table(RuleList<Rule...>) {
  return {loops<Rule, T>()...};
}

}  // namespace

const ElementwiseLoops& elementwise_loops(int rule_index, DType dtype) {
  static constexpr auto floats = table<float>(Operations{});
  static constexpr auto doubles = table<double>(Operations{});
  return (dtype == DType::float32 ? floats : doubles)[static_cast<std::size_t>(rule_index)];
}

}  // namespace chainrule

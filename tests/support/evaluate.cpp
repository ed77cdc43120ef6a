#include "tests/support/evaluate.hpp"

#include <fmt/format.h>

#include <cctype>
#include <cstdlib>
#include <limits>
#include <numbers>
#include <vector>

#include "tests/support/callables.hpp"

namespace chainrule::testing {
namespace {

// For numbers, conditions are combined by arithmetic on 1 and 0; Text has operators for them.
template <class T>
T both(const T& x, const T& y) {
  if constexpr (std::is_same_v<T, Text>)
    return x && y;
  else
    return x * y;
}
template <class T>
T either(const T& x, const T& y) {
  if constexpr (std::is_same_v<T, Text>)
    return x || y;
  else
    return x + y - x * y;
}

template <class T>
class Reader {
 public:
  Reader(std::string_view text, const Names<T>& names) : text_(text), names_(names) {}

  T whole() {
    T result = expression(0);
    if (at_ < text_.size()) fail("what follows cannot be read");
    return result;
  }

 private:
  struct Infix {
    std::string_view symbol;
    int precedence = -1;
    T (*combine)(const T*) = nullptr;
  };

  /// Operands joined by infix operators of higher precedence than `weakest`, left-associative.
  T expression(int weakest) {
    T x[2] = {prefixed(), T(0.0)};
    for (Infix sign = infix(); sign.precedence > weakest; sign = infix()) {
      at_ += sign.symbol.size();
      x[1] = expression(sign.precedence);
      x[0] = sign.combine(x);
    }
    return x[0];
  }

  T prefixed() {
    skip_space();
    for (const Callable<T>& callable : callables<T>())
      if (callable.operation->arity == 1 && callable.operation->notation.symbol != nullptr &&
          take(callable.operation->notation.symbol)) {
        const T x = expression(callable.operation->notation.precedence);
        return callable.call(&x);
      }
    if (take("(")) {
      T inner = expression(0);
      expect(")");
      return inner;
    }
    if (at_number()) return T(number());
    const std::string_view name = identifier();
    if (take("(")) return called(name);
    if (const auto found = names_.find(name); found != names_.end()) return found->second;
    if (name == "inf") return T(std::numeric_limits<double>::infinity());
    if (name == "nan") return T(std::numeric_limits<double>::quiet_NaN());
    if (name == "pi") return T(std::numbers::pi);
    fail(fmt::format("'{}' is not known", name));
  }

  /// The rest of a call, after its opening parenthesis.
  T called(std::string_view name) {
    std::vector<T> x;
    do x.push_back(expression(0));
    while (take(","));
    expect(")");
    for (const Callable<T>& callable : callables<T>())
      if (callable.operation->notation.name == name &&
          callable.operation->arity == static_cast<int>(x.size()))
        return callable.call(x.data());
    fail(fmt::format("no operation '{}' of {} operands", name, x.size()));
  }

  /// The next infix operator, the longest that matches (<= before <); its precedence is -1 if there
  /// is none.
  Infix infix() {
    skip_space();
    Infix best;
    const auto offer = [&](Infix candidate) {
      if (text_.substr(at_, candidate.symbol.size()) == candidate.symbol &&
          candidate.symbol.size() > best.symbol.size())
        best = candidate;
    };
    for (const Callable<T>& callable : callables<T>())
      if (callable.operation->arity == 2 && callable.operation->notation.symbol != nullptr)
        offer({callable.operation->notation.symbol, callable.operation->notation.precedence,
               callable.call});
    offer({"&&", 3, [](const T* x) { return both(x[0], x[1]); }});
    offer({"||", 2, [](const T* x) { return either(x[0], x[1]); }});
    return best;
  }

  bool at_number() const {
    return at_ < text_.size() && (std::isdigit(static_cast<unsigned char>(text_[at_])) != 0);
  }

  double number() {
    const std::string rest(text_.substr(at_));
    char* end = nullptr;
    const double value = std::strtod(rest.c_str(), &end);
    at_ += static_cast<std::size_t>(end - rest.c_str());
    return value;
  }

  std::string_view identifier() {
    skip_space();
    std::size_t end = at_;
    while (end < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[end])) != 0 || text_[end] == '_'))
      ++end;
    if (end == at_) fail("an operand is missing");
    const std::string_view name = text_.substr(at_, end - at_);
    at_ = end;
    return name;
  }

  bool take(std::string_view symbol) {
    skip_space();
    if (text_.substr(at_, symbol.size()) != symbol) return false;
    at_ += symbol.size();
    return true;
  }
  void expect(std::string_view symbol) {
    if (!take(symbol)) fail(fmt::format("'{}' is missing", symbol));
  }
  void skip_space() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  [[noreturn]] void fail(std::string_view what) const {
    throw FormulaError(fmt::format("formula `{}`, position {}: {}", text_, at_, what));
  }

  std::string_view text_;
  const Names<T>& names_;
  std::size_t at_ = 0;
};

}  // namespace

template <class T>
T evaluate(std::string_view formula, const Names<T>& names) {
  return Reader<T>(formula, names).whole();
}

template double evaluate(std::string_view, const Names<double>&);
template Var evaluate(std::string_view, const Names<Var>&);
template Text evaluate(std::string_view, const Names<Text>&);

}  // namespace chainrule::testing

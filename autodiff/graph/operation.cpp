#include "autodiff/graph/operation.hpp"

#include <array>

namespace chainrule {
namespace detail {

template const Operation& operation_of<rules::Select>();
template const Operation& operation_of<rules::Clamp>();

namespace {

template <class... Rule>
constexpr std::array<Operation, sizeof...(Rule)> table(RuleList<Rule...>) {
  return {operation_of_rule<Rule>...};
}
constexpr auto listed = table(Operations{});

/// What each code stands for.
struct Meaning {
  const Operation* operation = nullptr;
  Form form = Form::nodes;
};
constexpr std::array<Meaning, 256> meanings = [] {
  std::array<Meaning, 256> table{};
  std::size_t code = first_code;
  for (const Operation& entry : listed)
    for (int form = 0; form < code_count(entry.arity); ++form) table[code++] = {&entry, Form(form)};
  return table;
}();

}  // namespace

const Operation& listed_operation(int index) { return listed[static_cast<std::size_t>(index)]; }

}  // namespace detail

const Operation& operation(OpCode code) {
  return *detail::meanings[static_cast<std::size_t>(code)].operation;
}
Form form(OpCode code) { return detail::meanings[static_cast<std::size_t>(code)].form; }
OperationList operations() {
  return {detail::listed.data(), static_cast<int>(detail::listed.size())};
}

}  // namespace chainrule

#include "autodiff/rules/operation.hpp"

#include "autodiff/rules/operations.hpp"

namespace chainrule {
namespace {

constexpr auto listed =
    make_listed_table<Operation>([]<class Rule>() { return make_operation<Rule>(); });

/// The operation and the form of operands of a code.
struct CodeEntry {
  const Operation* operation = nullptr;
  Form form = Form::nodes;
};
constexpr std::array<CodeEntry, 256> code_table = [] {
  std::array<CodeEntry, 256> table{};
  std::size_t code = detail::first_code;
  for (const Operation& entry : listed)
    for (int form = 0; form < detail::code_count(entry.arity); ++form)
      table[code++] = {&entry, Form(form)};
  return table;
}();

}  // namespace

OperationList operations() { return {listed.data(), Operations::size}; }

const Operation& operation(OpCode code) {
  return *code_table[static_cast<std::size_t>(code)].operation;
}

Form form(OpCode code) { return code_table[static_cast<std::size_t>(code)].form; }

}  // namespace chainrule

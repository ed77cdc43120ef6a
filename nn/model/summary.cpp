// The table of a model's layers.
#include <fmt/format.h>

#include <algorithm>

#include "nn/model/pause.hpp"
#include "nn/model/trace.hpp"

namespace chainrule::nn {
namespace detail {

constinit thread_local Trace* current_trace = nullptr;

Tensor traced(const Module& module, const Tensor& x) {
  Tensor y = module.forward(x);
  if (current_trace != nullptr) current_trace->calls.push_back({&module, y.shape()});
  return y;
}

}  // namespace detail

namespace {

struct Row {
  std::string layer, output, parameters;
};

std::string with_separators(std::int64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, 1, ',');
  return text;
}

/// One row per module, indented by depth. Counts the parameters that a module holds itself, without
/// those of its parts.
struct Rows : Members {
  explicit Rows(const detail::Trace& calls) : trace(calls) {}

  void add(const std::string& name, const Module& module) {
    const auto call = std::find_if(trace.calls.rbegin(), trace.calls.rend(),
                                   [&](const auto& c) { return c.module == &module; });
    std::string layer(2 * depth, ' ');
    layer += name.empty() ? module.describe() : fmt::format("{}: {}", name, module.describe());
    rows.push_back({layer, call == trace.calls.rend() ? "not called" : text_of(call->output), ""});
  }
  void on_parameter(Parameter& parameter) override {
    held += parameter.size();
    rows[owner].parameters = with_separators(held);
  }
  bool on_module(Module& module) override {
    const std::size_t outer_owner = owner, outer_length = length;
    const std::int64_t outer_held = held;
    ++depth;
    add(path().substr(length == 0 ? 0 : length + 1), module);
    owner = rows.size() - 1;
    length = path().size();
    held = 0;
    module.members(*this);
    --depth;
    owner = outer_owner;
    length = outer_length;
    held = outer_held;
    return false;  // its members have been visited above
  }

  const detail::Trace& trace;
  std::vector<Row> rows;
  std::size_t depth = 0, owner = 0;
  std::size_t length = 0;  // of the path of the module whose members are visited
  std::int64_t held = 0;
};

}  // namespace

std::string Module::summary(const Tensor& input) const {
  detail::Trace trace;
  {
    const Graph scratch;  // so that the caller's graph does not grow
    const detail::Pause pause(*this);
    struct Current {
      detail::Trace* outer;
      ~Current() { detail::current_trace = outer; }
    } const restore{detail::current_trace};
    detail::current_trace = &trace;
    (*this)(Tensor(input.value()));
  }

  Rows list(trace);
  list.add("", *this);
  const_cast<Module*>(this)->members(list);  // which reads only
  std::vector<Row> rows = std::move(list.rows);
  rows.insert(rows.begin(), {"layer", "output", "parameters"});
  std::size_t layer = 0, output = 0, parameters = 0;
  for (const Row& row : rows) {
    layer = std::max(layer, row.layer.size());
    output = std::max(output, row.output.size());
    parameters = std::max(parameters, row.parameters.size());
  }
  std::string text;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::string line = fmt::format("{:<{}}  {:<{}}  {:>{}}", rows[i].layer, layer, rows[i].output,
                                   output, rows[i].parameters, parameters);
    text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
    if (i == 0) text += std::string(layer + output + parameters + 4, '-') + '\n';
  }
  const std::int64_t all = count(), trained = trainable_count();
  text += fmt::format("{} parameters: {} trained, {} not\n", with_separators(all),
                      with_separators(trained), with_separators(all - trained));
  return text;
}

}  // namespace chainrule::nn

#include "nn/model/module.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <typeinfo>
#include <unordered_set>
#if __has_include(<cxxabi.h>)
#include <cxxabi.h>
#endif

#include "nn/model/trace.hpp"

namespace chainrule::nn {
namespace {

/// Visits everything below a module and returns the visitor. members() is not const because some
/// visitors change members; visitors that are used with const modules do not.
template <class Visitor>
Visitor visit_all(const Module& module, Visitor visitor) {
  const_cast<Module&>(module).members(visitor);
  return visitor;
}

struct ParameterList : Members {
  std::vector<NamedParameter> list;
  std::unordered_set<VariableKey> keys;
  void on_parameter(Parameter& parameter) override {
    if (keys.insert(parameter.key()).second) list.push_back({path(), parameter});
  }
};

struct BufferList : Members {
  std::vector<NamedBuffer> list;
  void on_buffer(Buffer& buffer) override {
    for (const NamedBuffer& entry : list)
      if (entry.buffer.is_same(buffer)) return;
    list.push_back({path(), buffer});
  }
};

struct RandomList : Members {
  std::vector<std::pair<std::string, Random*>> list;
  void on_random(Random& random) override { list.emplace_back(path(), &random); }
};

struct SetMode : Members {
  explicit SetMode(bool on) : is_training(on) {}
  bool is_training;
  void on_mode(bool& mode) override { mode = is_training; }
};

/// Replaces each handle by one with its own copy of the values; equal handles stay equal.
struct Separate : Members {
  std::vector<std::pair<Parameter, Parameter>> parameters;
  std::vector<std::pair<Buffer, Buffer>> buffers;
  template <class Handle>
  static void replace(Handle& handle, std::vector<std::pair<Handle, Handle>>& known) {
    for (const auto& [shared, own] : known)
      if (shared.is_same(handle)) {
        handle = own;
        return;
      }
    known.emplace_back(handle, handle.copy());
    handle = known.back().second;
  }
  void on_parameter(Parameter& parameter) override { replace(parameter, parameters); }
  void on_buffer(Buffer& buffer) override { replace(buffer, buffers); }
};

}  // namespace

// ---- Members ------------------------------------------------------------------------------------

template <class F>
Members& Members::at(std::string_view name, F&& f) {
  const std::size_t length = path_.size();
  if (length > 0) path_ += '.';
  path_ += name;
  f();
  path_.resize(length);
  return *this;
}

Members& Members::operator()(std::string_view name, Parameter& parameter) {
  if (parameter.is_null()) return *this;  // absent, such as the bias of a layer without one
  return at(name, [&] { on_parameter(parameter); });
}
Members& Members::operator()(std::string_view name, Buffer& buffer) {
  if (buffer.is_null()) return *this;
  return at(name, [&] { on_buffer(buffer); });
}
Members& Members::operator()(std::string_view name, Random& random) {
  return at(name, [&] { on_random(random); });
}
Members& Members::operator()(std::string_view name, Module& module) {
  return at(name, [&] {
    if (on_module(module)) module.members(*this);
  });
}

// ---- Module -------------------------------------------------------------------------------------

Tensor Module::operator()(const Tensor& x) const {
  if (!scope_) scope_.emplace(describe());
  const Scope scope(*scope_);
  if (detail::current_trace == nullptr) [[likely]]
    return forward(x);
  return detail::traced(*this, x);
}

Tensor Module::forward(const Tensor&) const {
  throw ShapeError(
      fmt::format("{} is not a function of one tensor: call its other functions, or override "
                  "forward()",
                  describe()));
}

void Module::members(Members&) {}

std::string Module::describe() const {
  std::string name = typeid(*this).name();
#if __has_include(<cxxabi.h>)
  if (char* const text = abi::__cxa_demangle(name.c_str(), nullptr, nullptr, nullptr)) {
    name = text;
    std::free(text);
  }
#endif
  const std::size_t scope = name.substr(0, name.find('<')).rfind(':');
  return scope == std::string::npos ? name : name.substr(scope + 1);
}

Parameters Module::parameters() const { return Parameters(visit_all(*this, ParameterList()).list); }
std::vector<NamedBuffer> Module::buffers() const { return visit_all(*this, BufferList()).list; }

std::int64_t Module::trainable_count() const {
  std::int64_t count = 0;
  for (const NamedParameter& entry : parameters())
    if (entry.parameter.is_trainable()) count += entry.parameter.size();
  return count;
}

void Module::train(bool is_training) { visit_all(*this, SetMode(is_training)); }

void Module::set_trainable(bool is_trainable) {
  for (NamedParameter entry : parameters()) entry.parameter.set_trainable(is_trainable);
}

void Module::to(DType dtype) {
  for (NamedParameter entry : parameters())
    entry.parameter.replace(astype(Tensor(entry.parameter.value()), dtype));
  for (NamedBuffer entry : buffers())
    entry.buffer.replace(astype(Tensor(entry.buffer.value()), dtype));
}

void Module::name_nodes() const {
  for (const NamedParameter& entry : parameters()) {
    const Tensor node = entry.parameter();
    if (!node.is_constant()) static_cast<void>(node.named(entry.name));
  }
}

State Module::state() const {
  State state;
  const auto check = [&](bool is_new, const std::string& name) {
    if (!is_new)
      throw DomainError(fmt::format(
          "{}: two of its members are named {}; give each a name of its own in members()",
          describe(), name));
  };
  for (const NamedParameter& entry : parameters())
    check(state.arrays.emplace(entry.name, entry.parameter.value()).second, entry.name);
  for (const NamedBuffer& entry : buffers())
    check(state.arrays.emplace(entry.name, entry.buffer.value()).second, entry.name);
  for (const auto& [name, random] : visit_all(*this, RandomList()).list)
    check(state.texts.emplace(name, random->state()).second, name);
  return state;
}

void Module::set_state(const State& given) {
  State wanted = state();
  if (given.texts.empty()) wanted.texts.clear();
  detail::check_state(wanted, given, describe());
  std::vector<std::pair<std::string, Random*>> randoms;
  if (!given.texts.empty()) randoms = visit_all(*this, RandomList()).list;
  for (const auto& [name, random] : randoms) Random().restore(given.texts.find(name)->second);
  for (NamedParameter entry : parameters())
    entry.parameter.set_value(given.arrays.find(entry.name)->second);
  for (NamedBuffer entry : buffers()) entry.buffer.set_value(given.arrays.find(entry.name)->second);
  for (const auto& [name, random] : randoms) random->restore(given.texts.find(name)->second);
}

void detail::separate(Module& module) { visit_all(module, Separate()); }

}  // namespace chainrule::nn

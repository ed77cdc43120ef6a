// Scopes: named ranges of a record, such as the layers of a model.
#pragma once

#include <string>
#include <string_view>

#include "autodiff/graph/graph_stack.hpp"

namespace chainrule {

/// An interned name that is never freed: cheap to store and compare, so that opening a scope
/// allocates nothing. Creating one takes a lock; create it once.
class ScopeName {
 public:
  explicit ScopeName(std::string_view name);
  const std::string& str() const { return *name_; }

 private:
  const std::string* name_;
};

/// While a Scope lives, everything that this thread records belongs to the named scope; pictures
/// draw it as a cluster. Scopes nest. Without a graph it does nothing. Cost: a few nanoseconds;
/// from a text also a lock and a search, and the name is kept until the program ends.
class Scope {
 public:
  explicit Scope(const ScopeName& name)
      : tape_(&detail::recording_tape()), key_(tape_->open_scope(name.str())) {}
  explicit Scope(std::string_view name) : Scope(ScopeName(name)) {}
  ~Scope() {
    for (detail::Tape* tape = detail::current_tape; tape != nullptr; tape = tape->enclosing)
      if (tape == tape_) tape->close_scope(key_);
  }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  detail::Tape* tape_;  // may have ended
  detail::Tape::ScopeKey key_;
};

}  // namespace chainrule

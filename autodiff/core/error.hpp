// The typed errors of the library. Every failure a caller can cause is one of these, thrown at the
// call that is wrong; the graph is then as it was before the call.
#pragma once

#include <stdexcept>
#include <string>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// Base of every error the library throws. what() says which operation, what is wrong, what to do.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& what) : std::runtime_error(what) {}
};

/// A variable used outside its graph, no graph alive, a node limit reached, seeds that do not fit.
class GraphError : public Error {
 public:
  using Error::Error;
};

/// A number that cannot be meant: a variable made of NaN or infinity, a step of zero.
class DomainError : public Error {
 public:
  using Error::Error;
};

/// Sizes that do not fit each other.
class ShapeError : public Error {
 public:
  using Error::Error;
};

/// Element types that do not fit each other.
class DTypeError : public Error {
 public:
  using Error::Error;
};

/// A file or text that cannot be read or written; names the path.
class FormatError : public Error {
 public:
  using Error::Error;
};

}  // namespace chainrule

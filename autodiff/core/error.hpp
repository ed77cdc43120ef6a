// The error types of the library. Every failure that a caller can cause throws one of these from
// the call at fault, and leaves the graph as it was before the call.
#pragma once

#include <stdexcept>
#include <string>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// Base class of all errors that the library throws. what() names the operation, says what is wrong
/// and how to fix it.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& what) : std::runtime_error(what) {}
};

/// Misuse of a graph: a variable used outside its graph, no active graph, the node limit reached,
/// or seeds that do not match the outputs.
class GraphError : public Error {
 public:
  using Error::Error;
};

/// A number out of range: a variable made from NaN or infinity, a step size of zero.
class DomainError : public Error {
 public:
  using Error::Error;
};

/// Shapes that do not match.
class ShapeError : public Error {
 public:
  using Error::Error;
};

/// Element types that do not match.
class DTypeError : public Error {
 public:
  using Error::Error;
};

/// A file or text that cannot be read or written. The message contains the path.
class FormatError : public Error {
 public:
  using Error::Error;
};

}  // namespace chainrule

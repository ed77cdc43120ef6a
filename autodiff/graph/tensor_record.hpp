// What a tape holds of its tensor nodes.
#pragma once

#include <cstdint>
#include <vector>

#include "autodiff/graph/keyed_nodes.hpp"
#include "autodiff/values/array.hpp"

namespace chainrule {

struct Operation;
struct TensorOperation;

/// One tensor node: a variable, an elementwise operation (then `scalar` is set), a structural one
/// (`structural`), or scalar nodes put together (gathering_operation()). Its operands are words in
/// TensorRecord::operands.
struct TensorNode {
  Array value;
  const Operation* scalar;
  const TensorOperation* structural;
  void* parameters;  ///< of a structural operation; owned; nullptr if it has none
  std::uint32_t id;
  std::uint32_t first_operand;
  std::uint32_t arity;
};

/// A scalar node that is an element of a tensor node: the tensor's id, and the row-major position.
struct ElementNode {
  std::uint32_t tensor;
  std::int64_t position;
};

/// An operand of a tensor node is the id of a node or, with the top bit set, the index of a
/// constant: an array here or, with the next bit set, a number in Tape::constants.
inline constexpr std::uint32_t number_bit = 0x4000'0000u;

/// Sizes of a TensorRecord, to go back to.
struct TensorMark {
  std::size_t nodes = 0, operands = 0, constants = 0, elements = 0, keyed = 0;
};

class TensorRecord {
 public:
  std::vector<TensorNode> nodes;
  std::vector<std::uint32_t> operands;
  std::vector<Array> constants;
  std::vector<ElementNode> elements;
  KeyedNodes<> keyed;

  TensorRecord() = default;
  ~TensorRecord() { rewind({}); }
  TensorRecord(const TensorRecord&) = delete;
  TensorRecord& operator=(const TensorRecord&) = delete;

  TensorMark mark() const {
    return {nodes.size(), operands.size(), constants.size(), elements.size(), keyed.size()};
  }
  void rewind(const TensorMark& mark) noexcept;

  /// Bytes of the arrays of nodes and constants; what several of them share counts once.
  std::size_t array_bytes() const;
  /// Bytes of what is said about nodes beside their arrays, and of what is held to say it.
  std::size_t record_bytes() const;
  std::size_t record_bytes_reserved() const;
};

}  // namespace chainrule

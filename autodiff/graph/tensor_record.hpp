// The part of a tape that describes tensor nodes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "autodiff/graph/keyed_nodes.hpp"
#include "autodiff/values/array.hpp"

namespace chainrule {
struct Operation;
}

namespace chainrule::detail {

struct TensorOperation;

/// What the sweeps do at tensor nodes (sweep/tensor_passes.hpp). A record refers to it from its
/// first tensor node on. So the sweeps of a program that records only numbers contain no code of
/// tensors.
struct TensorPasses;
extern const TensorPasses tensor_passes;

/// An operand of a tensor node or of a wide scalar node, in one word: the id of a node, or the
/// index of a constant, which is a number in Tape::constants or an array in
/// TensorRecord::constants. read_operand() (graph/node.hpp) looks it up.
class TensorRef {
 public:
  static constexpr TensorRef node(std::uint32_t id) { return TensorRef(id); }
  static constexpr TensorRef number(std::uint32_t index) {
    return TensorRef(index | constant_bit | number_bit);
  }
  static constexpr TensorRef array(std::uint32_t index) { return TensorRef(index | constant_bit); }
  /// Restores a reference from the result of word().
  static constexpr TensorRef from_word(std::uint32_t word) { return TensorRef(word); }
  constexpr std::uint32_t word() const { return word_; }

  constexpr bool is_node() const { return (word_ & constant_bit) == 0; }
  constexpr bool is_number() const { return (word_ & number_bit) != 0; }
  /// The id of the node, or the index of the constant.
  constexpr std::uint32_t index() const { return word_ & ~(constant_bit | number_bit); }

 private:
  // Ids and indices are below max_nodes.
  static constexpr std::uint32_t constant_bit = 0x8000'0000u, number_bit = 0x4000'0000u;
  explicit constexpr TensorRef(std::uint32_t word) : word_(word) {}

  std::uint32_t word_;
};

/// One tensor node: a variable, an elementwise operation (`scalar` is set), a structural operation
/// (`structural` is set), or a stack of scalar nodes (scalar_stack_operation()). Its operands are
/// `arity` references in TensorRecord::operands, starting at `first_operand`.
struct TensorNode {
  Array value;
  const Operation* scalar;
  const TensorOperation* structural;
  void* parameters;  ///< of a structural operation; owned; may be nullptr
  std::uint32_t id;
  std::uint32_t first_operand;
  std::uint32_t arity;
};

/// A scalar node that is an element of a tensor node: the tensor's id, and the row-major position.
struct ElementNode {
  std::uint32_t tensor;
  std::int64_t position;
};

/// The sizes of a TensorRecord, for rewind().
struct TensorMark {
  std::size_t nodes = 0, operands = 0, constants = 0, elements = 0, keyed = 0;
};

class TensorRecord {
 public:
  std::vector<TensorNode> nodes;
  std::vector<TensorRef> operands;
  std::vector<Array> constants;
  std::vector<ElementNode> elements;
  KeyedNodes<> keyed;
  const TensorPasses* passes = nullptr;  ///< set if there are nodes

  TensorRecord() = default;
  ~TensorRecord() { rewind({}); }
  TensorRecord(const TensorRecord&) = delete;
  TensorRecord& operator=(const TensorRecord&) = delete;

  /// The operands of a node.
  std::span<const TensorRef> operands_of(const TensorNode& node) const {
    return {operands.data() + node.first_operand, node.arity};
  }

  TensorMark mark() const {
    return {nodes.size(), operands.size(), constants.size(), elements.size(), keyed.size()};
  }
  void rewind(const TensorMark& mark) noexcept;
  /// Forgets everything and frees the memory that held it.
  void free_memory() noexcept;

  /// Bytes of the arrays of nodes and constants; shared memory counts once.
  std::size_t array_bytes() const;
  /// Bytes of the description of the nodes, without their arrays: those in use, and those
  /// allocated.
  std::size_t record_bytes() const;
  std::size_t record_bytes_reserved() const;
};

}  // namespace chainrule::detail

// Tape: the record of a graph, an array with one entry per operation. Users see it as Graph and
// Var; sweeps and views read it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "autodiff/core/bits.hpp"
#include "autodiff/graph/tensor_record.hpp"
#include "autodiff/rules/list.hpp"

namespace chainrule {

struct Operation;

/// The number of a node in its graph. A node's operands have smaller ids than the node.
using Id = std::uint32_t;

/// Identifies a node among those of all graphs. The upper half is the graph's generation; the lower
/// half is 16 times the id, the offset of its entry in bytes. 0 is no node. Generations are unique
/// in the process until 2^32 have been used.
using Tag = std::uint64_t;

/// The end of a graph's record at some point in time, for Graph::rewind().
struct Mark {
  Tag last = 0;  ///< the youngest node; for an empty graph, the first tag of its generation
  std::size_t size = 0, constants = 0, wide = 0;
  detail::TensorMark tensors;
};

namespace detail {

/// The largest number of nodes in a graph: an operand has 28 bits in the record.
inline constexpr std::size_t max_nodes = (std::size_t{1} << 28) - 1;

inline constexpr Tag tag_step = 16;  // sizeof(Entry)
constexpr Tag make_tag(std::uint32_t generation, std::size_t id) {
  return (Tag{generation} << 32) | (id * tag_step);
}
/// An index into an array of the record, in the form in which tags are operands.
constexpr Tag index_tag(std::size_t index) { return index * tag_step; }
constexpr Id id_of(Tag tag) { return static_cast<Id>(tag) / Id{tag_step}; }
constexpr std::uint32_t generation_of(Tag tag) { return static_cast<std::uint32_t>(tag >> 32); }

/// The operation of a node and its operands in one word: the code in 8 bits, then the first and the
/// second operand in 28 bits each. The code tells whether an operand is a node (its id) or a
/// constant (an index into Tape::constants). The first operand of a wide node is an index into
/// Tape::wide.
using Word = std::uint64_t;
constexpr Word make_word(OpCode code, Tag x, Tag y) {
  return (y << 32) | (Word{static_cast<std::uint32_t>(x)} << 4) | static_cast<Word>(code);
}
constexpr OpCode code_in(Word word) { return OpCode(static_cast<std::uint8_t>(word)); }
constexpr Id first_in(Word word) { return static_cast<Id>(word >> 8) & Id{max_nodes}; }
constexpr Id second_in(Word word) { return static_cast<Id>(word >> 36); }

/// One node: its value, its operation and operands. 16 bytes.
struct Entry {
  double value;
  Word word;
};

struct GraphStack;

/// The record of one graph. The array of entries moves when it grows, so keep ids, not addresses.
/// Data that only some nodes have is in separate arrays. Only the thread that began a tape may use
/// it; see graph_stack.hpp for the exception.
class Tape {
 public:
  // These members are public and come first, because every recorded operation reads them.
  Entry* entries = nullptr;  ///< the nodes
  Tag cursor = 0;            ///< the tag of the next node
  Tag end = 0;               ///< recording takes the slow path when `cursor` reaches it

  std::vector<double> constants;  ///< plain numbers among the operands; may hold unused ones
  /// For each wide node: the address of its Operation in two words, then a TensorRef per operand.
  std::vector<std::uint32_t> wide;
  TensorRecord tensors;  ///< the tensor nodes; their entries have the index as operand

  Tape() = default;
  ~Tape();
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  std::size_t size() const { return id_of(cursor); }

  /// Appends a node with operands x and y, if it has any. Precondition: cursor != end.
  Tag push(OpCode code, double value, Tag x = 0, Tag y = 0) {
    const Tag tag = cursor;
    // The lower half of a tag is the offset in bytes; indexing by id would shift it twice.
    Entry& entry = *reinterpret_cast<Entry*>(reinterpret_cast<char*>(entries) +
                                             static_cast<std::uint32_t>(tag));
    entry.value = value;
    entry.word = make_word(code, x, y);
    cursor = tag + tag_step;
    return tag;
  }

  /// The index of a constant, in the form of a tag. Equal constants that are used shortly after one
  /// another share one index.
  Tag constant(double c) {
    const std::uint64_t bits = bits_of(c);
    const Recent& recent = recent_[slot_of(bits)];
    return recent.bits == bits ? recent.index : add_constant(c);
  }
  /// Adds an array to the constants of tensor nodes; returns its index. Throws GraphError at the
  /// limit.
  std::uint32_t add_array(const Array& c);

  /// Makes room for one more node. Throws GraphError at the node limit or out of memory, and then
  /// changes nothing.
  void reserve_one();

  /// Forgets every node and begins a new generation; memory is kept.
  void clear();
  /// Ends the use of the tape: from now on it has no nodes and no capacity. May be called in
  /// another thread than the tape's own.
  void stop() noexcept;
  bool is_stopped() const { return generation_of(cursor) == 0; }
  /// Frees the memory of a stopped tape, except for the scopes. May be called in another thread.
  void free_memory() noexcept;
  /// The cursor, which stop() may be changing in another thread.
  Tag shared_cursor() const { return __atomic_load_n(&cursor, __ATOMIC_RELAXED); }
  Mark mark() const;
  /// Forgets the nodes recorded after the mark, with their names and scopes; open scopes stay open.
  /// Throws GraphError if the mark does not belong to this tape's current nodes. Cost: linear in
  /// the number of nodes forgotten and in the number of scopes.
  void rewind(const Mark& mark);

  /// The tag of a node. Precondition: id < size().
  Tag tag(Id id) const;
  /// Whether the tag belongs to a current node of this tape.
  bool owns(Tag tag) const;

  /// The youngest variable with the key among the nodes with ids below `before`; nullptr if there
  /// is none. Cost: independent of the number of other keys; linear in the number of variables of
  /// this key from `before` on.
  const KeyedNode* find(VariableKey key, Id before) const;

  void set_node_limit(std::size_t limit);
  std::size_t node_limit() const { return node_limit_; }
  /// Bytes allocated, used or not. Tensors that share memory count once. Cost: linear in the number
  /// of tensor nodes.
  std::size_t bytes_reserved() const;

  void set_name(Id id, std::string_view name);
  /// The name of a node; empty if it has none.
  std::string_view name(Id id) const;

  /// A range of ids that were recorded in one generation: from `first` to the next epoch.
  struct Epoch {
    std::uint32_t generation;
    Id first;
  };
  const std::vector<Epoch>& epochs() const { return epochs_; }

  /// Identifies a scope among all scopes of its thread; 0 is none.
  using ScopeKey = std::uint64_t;
  /// A named range of ids: `first` up to, not including, `end`, which is no_end while the scope is
  /// open.
  struct ScopeRange {
    const std::string* name;
    Id first, end;
    ScopeKey key;
  };
  static constexpr Id no_end = ~Id{0};
  /// In the order in which they were opened, so an enclosing scope comes before those in it.
  const std::vector<ScopeRange>& scopes() const { return scopes_; }
  /// Opens a scope, whose name must outlive the tape. Returns its key for close_scope().
  ScopeKey open_scope(const std::string& name);
  /// Closes a scope; does nothing if the tape has forgotten it. stop() may run at the same time.
  void close_scope(ScopeKey key) noexcept;

  // The stack of graphs of the thread that began this tape. Only that thread follows the links.
  Tape* enclosing = nullptr;  ///< the thread records into it after this tape has ended
  Tape* inner = nullptr;      ///< the tape that this one directly encloses, if any
  Tape* next_ended = nullptr;
  std::shared_ptr<GraphStack> stack;

 private:
  // Recently used constants by a hash of their bits. An empty slot holds bits that hash to another
  // slot, so they never match.
  struct Recent {
    std::uint64_t bits;
    Tag index;
  };
  static constexpr std::size_t recent_count = 16;
  static constexpr std::size_t slot_of(std::uint64_t bits) {
    return (bits * 0x9e37'79b9'7f4a'7c15u) >> 60;  // Fibonacci hashing spreads similar numbers
  }
  struct Name {
    Id id;
    std::string text;
  };

  void begin_generation();
  void rewind_scopes(Id size);
  Tag add_constant(double c);
  void drop_constants(std::size_t needed);
  void forget_recent();

  Recent recent_[recent_count] = {};
  bool recent_is_set_up_ = false;
  std::vector<Epoch> epochs_;
  std::vector<Name> names_;  // sorted by id
  std::vector<ScopeRange> scopes_;
  std::size_t capacity_ = 0;
  std::size_t node_limit_ = max_nodes;
};

}  // namespace detail
}  // namespace chainrule

// The record itself: arrays that only grow, one entry per operation. Graph and Var are what users
// see of it; sweeps and views read it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "autodiff/core/bits.hpp"
#include "autodiff/graph/tensor_record.hpp"
#include "autodiff/rules/operations.hpp"

namespace chainrule {

/// The number of a node in its graph: operands have smaller numbers than what is made of them.
using Id = std::uint32_t;

/// Nodes a graph can have: what the 28 bits of an operand in a record can name.
inline constexpr std::size_t max_nodes = (std::size_t{1} << 28) - 1;

/// A node of a certain graph: the graph's generation in the upper half, 16 times the id in the
/// lower (which is where its entry begins in the record, and an operand's place in a record shifted
/// by 4). 0 is no node. Generations are unique in the process until 2^32 have been used.
using Tag = std::uint64_t;
inline constexpr Tag tag_step = 16;  // sizeof(Entry)
constexpr Tag make_tag(std::uint32_t generation, std::size_t id) {
  return (Tag{generation} << 32) | (id * tag_step);
}
constexpr Id id_of(Tag tag) { return static_cast<Id>(tag) / Id{tag_step}; }
constexpr std::uint32_t generation_of(Tag tag) { return static_cast<std::uint32_t>(tag >> 32); }

/// What a node is and what it is made of, in one word: the code in 8 bits, the first and the second
/// operand in 28 bits each. Which of the two are constants (then an index into Tape::constants) is
/// said by the code; the first operand of a wide node is where its words begin in Tape::wide.
using Word = std::uint64_t;
constexpr Word make_word(OpCode code, Tag x, Tag y) {
  return (y << 32) | (Word{static_cast<std::uint32_t>(x)} << 4) | static_cast<Word>(code);
}
constexpr OpCode code_in(Word word) { return OpCode(static_cast<std::uint8_t>(word)); }
constexpr Id first_in(Word word) { return static_cast<Id>(word >> 8) & Id{max_nodes}; }
constexpr Id second_in(Word word) { return static_cast<Id>(word >> 36); }

/// One node: its result, and how it came about. 16 bytes.
struct Entry {
  double value;
  Word word;
};

/// An operand of a wide node: the id of a node or, with the top bit set, the index of a constant.
inline constexpr std::uint32_t constant_bit = 0x8000'0000u;

struct Operation;

/// Where a graph was at a moment, to rewind to.
struct Mark {
  Tag last = 0;  ///< the youngest node; of an empty graph, where its ids begin
  std::size_t size = 0, constants = 0, wide = 0;
  TensorMark tensors;
};

/// The record of one graph: one array of entries, which moves when it grows, so hold ids and not
/// addresses. What is not needed for every node lies beside it. Belongs to one thread. Users of the
/// library do not meet this class.
class Tape {
 public:
  // Read by every recorded operation, hence first and bare.
  Entry* entries = nullptr;  ///< the nodes
  Tag cursor = 0;            ///< the tag of the next node
  Tag end = 0;               ///< recording at this cursor takes the slow path

  std::vector<double> constants;    ///< the plain numbers that operations met, now or lately
  std::vector<std::uint32_t> wide;  ///< per wide node: its Operation (2 words), its operands
  TensorRecord tensors;             ///< the tensor nodes; an entry has its index as first operand

  Tape() = default;
  ~Tape();
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  std::size_t size() const { return id_of(cursor); }

  /// Appends a node. Precondition: cursor != end.
  Tag push(OpCode code, double value, Tag x, Tag y) {
    const Tag tag = cursor;
    // The lower half of a tag is the offset of the entry in bytes; indexing would shift down and
    // up.
    Entry& entry = *reinterpret_cast<Entry*>(reinterpret_cast<char*>(entries) +
                                             static_cast<std::uint32_t>(tag));
    entry.value = value;
    entry.word = make_word(code, x, y);
    cursor = tag + tag_step;
    return tag;
  }

  /// The index of a constant, in the form of a tag; equal constants used shortly after each other
  /// share a place.
  Tag constant(double c) {
    const std::uint64_t bits = bits_of(c);
    const Recent& recent = recent_[place_of(bits)];
    return recent.bits == bits ? recent.index : add_constant(c);
  }

  /// Makes room for one more node. Throws GraphError at the node limit or out of memory, in which
  /// case nothing has changed.
  void reserve_one();

  /// Forgets every node, in a new generation; memory is kept.
  void clear();
  Mark mark() const;
  /// Forgets the nodes made since. Throws GraphError if the mark is not of this tape's present
  /// nodes.
  void rewind(const Mark& mark);

  /// The tag of a node. Precondition: id < size().
  Tag tag(Id id) const;
  /// Whether the tag names a node that this tape has now.
  bool owns(Tag tag) const;

  /// The youngest variable with the key among the nodes with ids below `before`; nullptr if there
  /// is none. Cost: independent of the number of other keys; linear in the number of variables of
  /// this key from `before` on.
  const KeyedNode* find(VariableKey key, Id before) const;

  void set_node_limit(std::size_t limit);
  std::size_t node_limit() const { return node_limit_; }
  /// Bytes held, used or not; of tensors, arrays that share memory count once. Cost: linear in the
  /// number of tensor nodes.
  std::size_t bytes_reserved() const;

  void set_name(Id id, std::string_view name);
  /// The name given to a node, or an empty text.
  std::string_view name(Id id) const;

  /// One stretch of ids that were recorded in one generation: from `first` to the next epoch.
  struct Epoch {
    std::uint32_t generation;
    Id first;
  };
  const std::vector<Epoch>& epochs() const { return epochs_; }

  /// A named stretch of ids, from `first` to before `end`; one that is still open has no end yet.
  struct ScopeRange {
    const std::string* name;
    Id first, end;
  };
  static constexpr Id no_end = ~Id{0};
  /// In the order in which they began, so that an enclosing one comes before those in it.
  const std::vector<ScopeRange>& scopes() const { return scopes_; }
  /// Begins a scope, whose name must outlive the tape. Returns what close_scope() wants to know.
  std::size_t open_scope(const std::string& name);
  void close_scope(std::size_t index) noexcept;

  Tape* enclosing = nullptr;  ///< the graph of this thread that was recorded into before

 private:
  // Constants met of late, by a hash of their bits. An empty place holds bits that belong
  // elsewhere.
  struct Recent {
    std::uint64_t bits;
    Tag index;
  };
  static constexpr std::size_t recent_count = 16;
  static constexpr std::size_t place_of(std::uint64_t bits) {
    return (bits * 0x9e37'79b9'7f4a'7c15u) >> 60;  // the golden ratio spreads like numbers apart
  }
  struct Name {
    Id id;
    std::string text;
  };

  void begin_generation();
  Tag add_constant(double c);
  void drop_constants(std::size_t needed);
  void forget_recent();

  Recent recent_[recent_count] = {};
  bool recent_is_set_up_ = false;
  std::vector<Epoch> epochs_;
  std::vector<Name> names_;  // by id
  std::vector<ScopeRange> scopes_;
  std::size_t capacity_ = 0;
  std::size_t node_limit_ = max_nodes;
};

/// The tape this thread records into; a tape without room if it has no graph.
extern constinit thread_local Tape* current_tape;

/// The living tape of this thread that owns the node; throws GraphError, naming `operation`, if
/// none.
Tape& tape_of(Tag tag, const char* operation);

}  // namespace chainrule

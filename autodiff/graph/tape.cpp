#include "autodiff/graph/tape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <new>

#include "autodiff/core/error.hpp"
#include "autodiff/graph/memory.hpp"

namespace chainrule {
namespace {

/// Generations are handed out in blocks, so that threads rarely meet at the counter. 0 marks
/// constants and is left out when the counter wraps.
std::uint32_t next_generation() {
  constexpr std::uint32_t block = 1024;
  static std::atomic<std::uint32_t> blocks{0};
  thread_local std::uint32_t next = 0, left = 0;
  if (left == 0) {
    next = blocks.fetch_add(block, std::memory_order_relaxed);
    left = block;
  }
  --left;
  const std::uint32_t generation = next++;
  return generation != 0 ? generation : next_generation();
}

constexpr std::size_t first_capacity = 1024;

/// Grows an array to hold `count` entries and notes its size, so that a failure between two arrays
/// leaves each of them known.
template <class T>
void grow(T*& array, std::size_t& bytes, std::size_t count) {
  if (bytes >= count * sizeof(T)) return;
  array = static_cast<T*>(grow_array(array, bytes, count * sizeof(T)));
  bytes = count * sizeof(T);
}

}  // namespace

// A tape without room and without nodes, so that recording needs no test for "no graph".
static constinit Tape no_tape;
constinit thread_local Tape* current_tape = &no_tape;

Tape::~Tape() {
  free_array(values, value_bytes_);
  free_array(operands, operand_bytes_);
  free_array(codes, code_bytes_);
}

void Tape::begin_generation() {
  const std::uint32_t generation = next_generation();
  epochs_.push_back({generation, static_cast<Id>(size())});
  cursor = (Tag{generation} << 32) | size();
  end = (Tag{generation} << 32) | std::min(capacity_, node_limit_);
}

void Tape::clear() {
  epochs_.clear();
  epochs_.reserve(4);
  names_.clear();
  constants.clear();
  wide.clear();
  std::fill(std::begin(recent_), std::end(recent_), Recent{});
  cursor = 0;
  begin_generation();
}

void Tape::rewind(const Mark& mark) {
  // The mark may lie behind the last node, where no tag is owned yet.
  const bool at_end = mark.cursor == cursor;
  const bool at_node = owns(mark.cursor);
  if (!at_end && !at_node)
    throw GraphError(
        "rewind: the mark is not of this graph as it is now. A mark is lost when the graph is cleared "
        "or rewound to an earlier one; take it anew with mark().");
  const Id size_then = id_of(mark.cursor);
  while (epochs_.size() > 1 && epochs_.back().first >= size_then) epochs_.pop_back();
  while (!names_.empty() && names_.back().id >= size_then) names_.pop_back();
  constants.resize(mark.constants);
  wide.resize(mark.wide);
  std::fill(std::begin(recent_), std::end(recent_), Recent{});
  cursor = size_then;
  begin_generation();
}

Tag Tape::tag(Id id) const {
  std::size_t epoch = epochs_.size() - 1;
  while (id < epochs_[epoch].first) --epoch;
  return (Tag{epochs_[epoch].generation} << 32) | id;
}

bool Tape::owns(Tag tag) const {
  const Id id = id_of(tag);
  if (id >= size()) return false;
  for (std::size_t i = epochs_.size(); i-- > 0;)
    if (id >= epochs_[i].first) return epochs_[i].generation == generation_of(tag);
  return false;
}

void Tape::reserve_one() {
  if (cursor != end) return;
  if (this == &no_tape)
    throw GraphError(
        "no graph is alive in this thread. Create one first: `Graph graph;` records while it lives.");
  if (size() >= node_limit_)
    throw GraphError(fmt::format(
        "the graph is full: it has {} nodes, its limit. Raise it with set_node_limit(), or clear() or "
        "rewind() the graph between uses.",
        size()));
  const std::size_t grown = std::max(first_capacity, capacity_ * 2);
  try {
    grow(values, value_bytes_, grown);
    grow(operands, operand_bytes_, grown);
    grow(codes, code_bytes_, grown);
  } catch (const std::bad_alloc&) {
    throw GraphError(fmt::format("out of memory at {} nodes", size()));
  }
  capacity_ = grown;
  end = (cursor & ~Tag{0xffff'ffffu}) | std::min(capacity_, node_limit_);
}

void Tape::set_node_limit(std::size_t limit) {
  node_limit_ = std::min<std::size_t>(limit, constant_bit - 1);
  const std::size_t room = std::max(size(), std::min(capacity_, node_limit_));
  end = (cursor & ~Tag{0xffff'ffffu}) | room;
}

std::size_t Tape::bytes_used() const {
  return size() * (sizeof *values + sizeof *operands + sizeof *codes) +
         constants.size() * sizeof(double) + wide.size() * sizeof(std::uint32_t);
}

std::size_t Tape::bytes_reserved() const {
  return value_bytes_ + operand_bytes_ + code_bytes_ + constants.capacity() * sizeof(double) + wide.capacity() * sizeof(std::uint32_t);
}

void Tape::set_name(Id id, std::string_view name) {
  const auto before = [](const Name& a, Id b) { return a.id < b; };
  const auto place = std::lower_bound(names_.begin(), names_.end(), id, before);
  if (place != names_.end() && place->id == id)
    place->text = name;
  else
    names_.insert(place, Name{id, std::string(name)});
}

std::string_view Tape::name(Id id) const {
  const auto before = [](const Name& a, Id b) { return a.id < b; };
  const auto place = std::lower_bound(names_.begin(), names_.end(), id, before);
  return place != names_.end() && place->id == id ? std::string_view(place->text)
                                                  : std::string_view();
}

void Tape::fail_constants() {
  throw GraphError("the graph has more constants than it can number: 2^31");
}

Tape& tape_of(Tag tag, const char* operation) {
  for (Tape* tape = current_tape; tape != nullptr; tape = tape->enclosing)
    if (tape->owns(tag)) return *tape;
  if (current_tape == &no_tape)
    throw GraphError(fmt::format(
        "{}: no graph is alive in this thread. Create one first: `Graph graph;` records while it "
        "lives, and what it recorded ends with it.",
        operation));
  throw GraphError(fmt::format(
      "{}: the variable belongs to no graph that is alive in this thread: its graph was destroyed, "
      "cleared or rewound, or is another thread's. Make it anew with variable().",
      operation));
}

}  // namespace chainrule

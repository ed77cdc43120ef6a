#include "autodiff/graph/tape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <new>
#include <utility>

#include "autodiff/core/error.hpp"
#include "autodiff/graph/memory.hpp"

namespace chainrule::detail {
namespace {

/// Allocates generations in blocks, so that threads rarely contend for the counter. 0 marks
/// constants and is skipped when the counter wraps around.
std::uint32_t next_generation() {
  constexpr std::uint32_t block = 1024;
  static std::atomic<std::uint32_t> blocks{0};
  thread_local std::uint32_t next{}, left{};
  if (left == 0) {
    next = blocks.fetch_add(block, std::memory_order_relaxed);
    left = block;
  }
  --left;
  const std::uint32_t generation = next++;
  return generation != 0 ? generation : next_generation();
}

constexpr std::size_t first_capacity = 1024;

/// The index of the epoch that contains an id. If several epochs begin at one id, the youngest of
/// them.
std::size_t epoch_of(const std::vector<Tape::Epoch>& epochs, Id id) {
  const auto next = std::upper_bound(epochs.begin(), epochs.end(), id,
                                     [](Id a, const Tape::Epoch& b) { return a < b.first; });
  return static_cast<std::size_t>(next - epochs.begin()) - 1;
}

void check_constant_count(std::size_t count) {
  if (count > max_nodes) throw GraphError("the graph has more constants than its limit of 2^28");
}

/// The size at which recording must take the slow path: the arrays are full, or the limit is
/// reached.
std::size_t next_stop(std::size_t size, std::size_t capacity, std::size_t limit) {
  return std::max(size, std::min(capacity, limit));
}

}  // namespace

Tape::~Tape() { free_array(entries, capacity_ * sizeof(Entry)); }

void Tape::begin_generation() {
  const std::uint32_t generation = next_generation();
  epochs_.push_back({generation, static_cast<Id>(size())});
  cursor = make_tag(generation, size());
  end = make_tag(generation, next_stop(size(), capacity_, node_limit_));
}

void Tape::clear() {
  epochs_.clear();
  names_.clear();
  scopes_.clear();
  wide.clear();
  tensors.rewind({});
  drop_constants(0);
  cursor = 0;
  begin_generation();
}

void Tape::stop() noexcept {
  __atomic_store_n(&cursor, Tag{0}, __ATOMIC_RELAXED);
  end = 0;
}

void Tape::free_memory() noexcept {
  free_array(std::exchange(entries, nullptr), std::exchange(capacity_, 0) * sizeof(Entry));
  tensors.free_memory();
  free_vector(constants);
  free_vector(wide);
  free_vector(epochs_);
  free_vector(names_);
}

Mark Tape::mark() const {
  const Tag first = epochs_.empty() ? 0 : make_tag(epochs_.front().generation, 0);
  const Tag last = size() > 0 ? tag(static_cast<Id>(size() - 1)) : first;
  return {last, size(), constants.size(), wide.size(), tensors.mark()};
}

void Tape::rewind(const Mark& mark) {
  // It suffices to check the youngest node of the mark: if it was replaced, the new node has
  // another tag.
  const bool is_valid =
      mark.size > 0 ? owns(mark.last)
                    : !epochs_.empty() && generation_of(mark.last) == epochs_.front().generation;
  if (!is_valid)
    throw GraphError(
        "rewind: the mark is not valid for this graph. A mark becomes invalid when the graph is "
        "cleared or rewound to an earlier mark; take a new one with mark().");
  const auto size_then = static_cast<Id>(mark.size);
  while (epochs_.size() > 1 && epochs_.back().first >= size_then) epochs_.pop_back();
  while (!names_.empty() && names_.back().id >= size_then) names_.pop_back();
  rewind_scopes(size_then);
  wide.resize(mark.wide);
  tensors.rewind(mark.tensors);
  drop_constants(mark.constants);
  cursor = index_tag(size_then);
  begin_generation();
}

Tag Tape::tag(Id id) const { return make_tag(epochs_[epoch_of(epochs_, id)].generation, id); }

bool Tape::owns(Tag tag) const {
  const Id id = id_of(tag);
  return id < size() && epochs_[epoch_of(epochs_, id)].generation == generation_of(tag);
}

const KeyedNode* Tape::find(VariableKey key, Id before) const {
  const KeyedNode* node = tensors.keyed.find(key);
  while (node != nullptr && node->id >= before) node = tensors.keyed.older(*node);
  return node;
}

void Tape::reserve_one() {
  if (cursor != end) return;
  if (is_stopped())
    throw GraphError(
        "there is no active graph in this thread. Create one first: `Graph graph;` records while "
        "it lives.");
  if (size() >= node_limit_)
    throw GraphError(fmt::format(
        "the graph is full: it has {} nodes, its limit. Raise it with set_node_limit(), or clear() "
        "or rewind() the graph between uses.",
        size()));
  const std::size_t grown = std::min(std::max(first_capacity, capacity_ * 2), max_nodes);
  try {
    entries =
        static_cast<Entry*>(grow_array(entries, capacity_ * sizeof(Entry), grown * sizeof(Entry)));
  } catch (const std::bad_alloc&) {
    throw GraphError(fmt::format("out of memory at {} nodes", size()));
  }
  capacity_ = grown;
  end = make_tag(generation_of(cursor), next_stop(size(), capacity_, node_limit_));
}

void Tape::set_node_limit(std::size_t limit) {
  node_limit_ = std::min(limit, max_nodes);
  end = make_tag(generation_of(cursor), next_stop(size(), capacity_, node_limit_));
}

std::size_t Tape::bytes_reserved() const {
  return capacity_ * sizeof(Entry) + constants.capacity() * sizeof(double) +
         wide.capacity() * sizeof(std::uint32_t) + tensors.record_bytes_reserved() +
         tensors.array_bytes();
}

void Tape::set_name(Id id, std::string_view name) {
  const auto before = [](const Name& a, Id b) { return a.id < b; };
  const auto found = std::lower_bound(names_.begin(), names_.end(), id, before);
  if (found != names_.end() && found->id == id)
    found->text = name;
  else
    names_.insert(found, Name{id, std::string(name)});
}

std::string_view Tape::name(Id id) const {
  const auto before = [](const Name& a, Id b) { return a.id < b; };
  const auto found = std::lower_bound(names_.begin(), names_.end(), id, before);
  return found != names_.end() && found->id == id ? std::string_view(found->text)
                                                  : std::string_view();
}

Tape::ScopeKey Tape::open_scope(const std::string& name) {
  constinit thread_local ScopeKey last = 0;
  if (is_stopped()) return {};
  scopes_.push_back({&name, static_cast<Id>(size()), no_end, ++last});
  return last;
}

void Tape::close_scope(ScopeKey key) noexcept {
  const auto scope = std::lower_bound(scopes_.begin(), scopes_.end(), key,
                                      [](const ScopeRange& a, ScopeKey b) { return a.key < b; });
  if (scope == scopes_.end() || scope->key != key) return;
  scope->end = std::max(scope->first, id_of(shared_cursor()));
  if (scope->end == scope->first) scopes_.erase(scope);  // the scope is empty
}

void Tape::rewind_scopes(Id size) {
  for (ScopeRange& scope : scopes_) {
    scope.first = std::min(scope.first, size);
    if (scope.end != no_end) scope.end = std::min(scope.end, size);
  }
  std::erase_if(scopes_, [](const ScopeRange& scope) { return scope.first == scope.end; });
}

Tag Tape::add_constant(double c) {
  const std::uint64_t bits = bits_of(c);
  Recent& slot = recent_[slot_of(bits)];
  // Two constants with the same slot evict each other. If both are recent, they are found here.
  const std::size_t count = constants.size();
  for (std::size_t i = count; i-- > 0 && i + 4 >= count;)
    if (bits_of(constants[i]) == bits) {
      slot = {bits, index_tag(i)};
      return slot.index;
    }
  check_constant_count(count);
  constants.push_back(c);
  slot = {bits, index_tag(count)};
  return slot.index;
}

std::uint32_t Tape::add_array(const Array& c) {
  const std::size_t count = tensors.constants.size();
  check_constant_count(count);
  tensors.constants.push_back(c);
  return static_cast<std::uint32_t>(count);
}

void Tape::drop_constants(std::size_t needed) {
  // A graph that is recorded again usually needs the same numbers, so a few constants are kept.
  constexpr std::size_t kept = 1024;
  if (!recent_is_set_up_ || constants.size() > needed + kept) {
    constants.resize(std::min(constants.size(), needed));
    forget_recent();
    recent_is_set_up_ = true;
  }
}

void Tape::forget_recent() {
  constexpr std::uint64_t none = ~std::uint64_t{0}, none_in_own_slot = 0;
  static_assert(slot_of(none) != slot_of(none_in_own_slot));
  std::fill(std::begin(recent_), std::end(recent_), Recent{none, 0});
  recent_[slot_of(none)].bits = none_in_own_slot;
}

}  // namespace chainrule::detail

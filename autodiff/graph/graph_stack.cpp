#include "autodiff/graph/graph_stack.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "autodiff/core/error.hpp"
#include "autodiff/values/pool.hpp"

namespace chainrule::detail {

// A tape without capacity and without nodes, so that recording needs no test for "no graph".
static constinit Tape no_tape;
constinit thread_local Tape* current_tape = &no_tape;

/// The state that a thread keeps for its graphs.
///
/// A graph that ends in another thread cannot remove its tape from the stack, because its own
/// thread may be reading the links or the scopes of the tape. Instead, the other thread stops the
/// tape, frees the rest of its memory, and adds it to `ended_tapes`. The graph's own thread unlinks
/// and deletes it later. If that thread has ended, the other thread deletes the tape.
///
/// The mutex guards the nodes of a tape while its own thread searches its tapes for a node, and the
/// members below that say so. Recording a node never locks it.
struct GraphStack {
  std::mutex mutex;

  static constexpr std::size_t max_spares = 4;  // a few, for graphs that nest
  std::unique_ptr<Tape> spares[max_spares];     // left by graphs that ended in this thread
  std::size_t spare_count = 0;

  std::atomic<Tape*> ended_tapes = nullptr;  // a list, by Tape::next_ended; changed under the mutex
  bool thread_has_ended = false;             // read and changed under the mutex
  std::shared_ptr<GraphStack> self;          // reset when the thread ends; tapes share it
};

namespace {

using Lock = std::scoped_lock<std::mutex>;

constinit thread_local GraphStack* own_stack = nullptr;

void delete_list(Tape* first) noexcept {
  while (first != nullptr) delete std::exchange(first, first->next_ended);
}

/// Runs when a thread ends, after the destructors of its thread_local objects. For the main thread
/// it never runs: graphs with static storage work as long as static objects are destroyed.
void end_of_thread(void*) noexcept {
  const std::shared_ptr<GraphStack> stack = std::move(own_stack->self);
  own_stack = nullptr;
  current_tape = &no_tape;
  for (std::unique_ptr<Tape>& spare : stack->spares) spare.reset();
  Tape* ended = nullptr;
  {
    const Lock lock(stack->mutex);
    stack->thread_has_ended = true;
    ended = stack->ended_tapes.exchange(nullptr, std::memory_order_relaxed);
  }
  delete_list(ended);
}

GraphStack& stack_of_this_thread() {
  if (own_stack != nullptr) [[likely]]
    return *own_stack;
  static const pthread_key_t key = [] {
    pthread_key_t created{};
    if (pthread_key_create(&created, end_of_thread) != 0) throw std::bad_alloc();
    return created;
  }();
  auto stack = std::make_shared<GraphStack>();
  if (pthread_setspecific(key, stack.get()) != 0) throw std::bad_alloc();
  own_stack = stack.get();
  own_stack->self = std::move(stack);
  return *own_stack;
}

std::unique_ptr<Tape> take_spare(GraphStack& stack) {
  if (stack.spare_count > 0) return std::move(stack.spares[--stack.spare_count]);
  auto tape = std::make_unique<Tape>();
  tape->stack = stack.self;
  return tape;
}

void unlink(Tape& tape) noexcept {
  if (tape.inner != nullptr)
    tape.inner->enclosing = tape.enclosing;
  else
    current_tape = tape.enclosing;
  if (tape.enclosing != &no_tape) tape.enclosing->inner = tape.inner;
}

void end_in_own_thread(std::unique_ptr<Tape> tape) noexcept {
  unlink(*tape);
  tape->tensors.rewind({});  // do not keep arrays: they may be large or foreign
  GraphStack& stack = *own_stack;
  if (stack.spare_count == GraphStack::max_spares) return;
  tape->set_node_limit(max_nodes);
  stack.spares[stack.spare_count++] = std::move(tape);
}

void end_in_other_thread(std::unique_ptr<Tape> tape) noexcept {
  const std::shared_ptr<GraphStack> stack = tape->stack;
  {
    const Lock lock(stack->mutex);
    tape->stop();
  }
  {
    const StoreBypass bypass;
    tape->free_memory();  // not under the mutex: it runs release functions of foreign arrays
  }
  const Lock lock(stack->mutex);
  if (stack->thread_has_ended) return;  // the destructor of `tape` deletes it
  tape->next_ended = stack->ended_tapes.load(std::memory_order_relaxed);
  stack->ended_tapes.store(tape.release(), std::memory_order_release);
}

}  // namespace

void remove_ended_tapes() noexcept {
  if (own_stack == nullptr || own_stack->ended_tapes.load(std::memory_order_relaxed) == nullptr)
    return;
  Tape* ended = nullptr;
  {
    const Lock lock(own_stack->mutex);
    ended = own_stack->ended_tapes.exchange(nullptr, std::memory_order_relaxed);
  }
  for (Tape* tape = ended; tape != nullptr; tape = tape->next_ended) unlink(*tape);
  delete_list(ended);
}

Tape* begin_tape() {
  GraphStack& stack = stack_of_this_thread();
  remove_ended_tapes();
  std::unique_ptr<Tape> tape = take_spare(stack);
  tape->clear();
  tape->inner = nullptr;
  tape->enclosing = current_tape;
  if (current_tape != &no_tape) current_tape->inner = tape.get();
  return current_tape = tape.release();
}

void end_tape(Tape* tape) noexcept {
  if (own_stack == nullptr || tape->stack.get() != own_stack) {
    end_in_other_thread(std::unique_ptr<Tape>(tape));
    return;
  }
  end_in_own_thread(std::unique_ptr<Tape>(tape));
}

void free_spare_tapes() noexcept {
  if (own_stack == nullptr) return;
  remove_ended_tapes();
  while (own_stack->spare_count > 0) own_stack->spares[--own_stack->spare_count].reset();
}

Tape* find_tape(bool (*matches)(Tape& tape, void* context), void* context) {
  if (own_stack == nullptr) return nullptr;
  const Lock lock(own_stack->mutex);
  for (Tape* tape = current_tape; tape != &no_tape; tape = tape->enclosing)
    if (!tape->is_stopped() && matches(*tape, context)) return tape;
  return nullptr;
}

Tape& tape_of(Tag tag, const char* operation) {
  if (generation_of(tag) == current_generation()) return *current_tape;
  remove_ended_tapes();
  bool has_graph = false;
  Tape* const owner = find_tape([&](const Tape& tape) {
    has_graph = true;
    return tape.owns(tag);
  });
  if (owner == nullptr)
    throw GraphError(fmt::format(
        "{}: {}", operation,
        has_graph
            ? "the variable belongs to no graph of this thread: its graph was destroyed, cleared "
              "or rewound, or belongs to another thread. Make a new one with variable()."
            : "there is no active graph in this thread. Create one first: `Graph graph;` records "
              "while it lives, and its Vars become invalid when it ends."));
  return *owner;
}

}  // namespace chainrule::detail

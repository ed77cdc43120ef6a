// When an allocation fails, an operation throws and the graph is unchanged, whichever it is. Not
// part of builds with sanitizers (tests/CMakeLists.txt), which replace operator new.
#include <doctest/doctest.h>

#include <functional>
#include <new>
#include <string>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "tests/support/allocated_memory.hpp"
#include "tests/support/count_allocations.hpp"
#include "tests/support/message_of.hpp"

using namespace chainrule;

#if CHAINRULE_COUNTS_ALLOCATIONS

namespace {

struct Inputs {
  Var x;
  Tensor t;
};
using Use = std::function<void(const Inputs&)>;

/// The sizes of all parts of a record, except for constants, which may remain.
std::vector<std::size_t> sizes_of(const Graph& graph) {
  const detail::TensorRecord& tensors = graph.tape().tensors;
  return {graph.size(),
          graph.tape().wide.size(),
          tensors.nodes.size(),
          tensors.operands.size(),
          tensors.elements.size(),
          tensors.keyed.size()};
}

/// Lets each allocation fail that one more use needs after `earlier` uses; returns their number.
std::size_t check_each_failure(const Use& use, int earlier) {
  release_memory();
  Graph graph;
  const Inputs inputs{variable(2.0), variable(tensor({1, 2, 3}))};
  for (int i = 0; i < earlier; ++i) use(inputs);
  const std::vector<std::size_t> before = sizes_of(graph);
  for (std::size_t number = 1;; ++number) {
    bool failed = false;
    failing_allocation = allocations + number;
    try {
      use(inputs);
    } catch (const std::bad_alloc&) {
      failed = true;
    } catch (const GraphError& error) {
      failed = std::string(error.what()).find("out of memory at") != std::string::npos;
    }
    failing_allocation = 0;
    if (!failed) {
      CHECK(sizes_of(graph) != before);
      CHECK(graph.statistics().tensors == graph.tape().tensors.nodes.size());
      CHECK(gradient(inputs.x * inputs.x)[inputs.x] == 4.0);
      return number - 1;
    }
    REQUIRE(sizes_of(graph) == before);
  }
}

}  // namespace

TEST_CASE("if there is no memory for the first node, it is refused, and the next one is not") {
  release_memory();
  Graph graph;
  failing_allocation = allocations + 1;
  CHECK(message_of<GraphError>([] { variable(1.0); }) == "variable: out of memory at 0 nodes");
  failing_allocation = 0;
  const Var x = variable(3.0);
  CHECK(gradient(x * x)[x] == 6.0);
}

TEST_CASE("whichever allocation fails, the graph is unchanged, and nothing leaks") {
  const Indices indices({0, 2, 2, 1});
  KeyedVariable keyed;
  struct Operation {
    std::string name;
    Use use;
  };
  const std::vector<Operation> operations = {
      {"x * 2", [](const Inputs& in) { static_cast<void>(in.x * 2.0); }},
      {"clamp", [](const Inputs& in) { static_cast<void>(clamp(in.x, 0.5, 4.0)); }},
      {"select", [](const Inputs& in) { static_cast<void>(select(in.x < 3.0, in.x, 1.0)); }},
      {"exp", [](const Inputs& in) { static_cast<void>(exp(in.t)); }},
      {"t * x", [](const Inputs& in) { static_cast<void>(in.t * in.x); }},
      {"sum", [](const Inputs& in) { static_cast<void>(sum(in.t, 0)); }},
      {"concat",
       [](const Inputs& in) {
         static_cast<void>(concat({in.t, in.t, in.t}));
       }},
      {"gather", [&](const Inputs& in) { static_cast<void>(index_select(in.t, 0, indices)); }},
      {"element", [](const Inputs& in) { static_cast<void>(in.t.element({1})); }},
      {"stack",
       [](const Inputs& in) {
         static_cast<void>(stack(std::vector<Var>{in.x, 1.0}));
       }},
      {"keyed",
       [&](const Inputs&) {
         keyed.values_changed();
         static_cast<void>(keyed.enter(tensor({5, 6}).value()));
       }},
  };
  for (const Operation& operation : operations) {
    CAPTURE(operation.name);
    std::size_t failures = 0;
    const auto all = [&] {
      for (int earlier = 0; earlier < 18; ++earlier)
        failures += check_each_failure(operation.use, earlier);
    };
    for (int i = 0; i < 20; ++i) all();  // until the allocator's own caches are full
    CHECK(failures > 0);
    release_memory();
    const std::size_t before = allocated_bytes();
    for (int i = 0; i < 40; ++i) all();
    release_memory();
    // malloc counts its caches, which vary by 2 kB. Parameters left at each failure take 10 kB.
    CHECK(allocated_bytes() < before + 6000);
  }
}

#endif

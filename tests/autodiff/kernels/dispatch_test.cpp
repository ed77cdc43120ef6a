#include "autodiff/kernels/dispatch.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "autodiff/core/error.hpp"

using namespace chainrule;

// First in this file: when run alone, this is the first use of the loops.
TEST_CASE("the environment chooses the instruction set at the first use") {
  const char* wanted = std::getenv("CHAINRULE_INSTRUCTION_SET");
  const std::string name = wanted == nullptr ? "" : wanted;
  if (name == "unknown") {
    CHECK_THROWS_AS(elementwise_loops(0, DType::float64), Error);
    CHECK_THROWS_AS(instruction_set(), Error);  // repeatedly, not only once
    select_instruction_set("");                 // resolves the problem
    CHECK(elementwise_loops(0, DType::float64).arity == 2);
  } else if (name == "portable") {
    CHECK(std::string(instruction_set()) == "portable");
  } else {
    CHECK_NOTHROW(instruction_set());
  }
}

TEST_CASE("the best instruction set is used unless another one is asked for") {
  const InstructionSets available = available_instruction_sets();
  REQUIRE(available.count >= 1);
  CHECK(std::string(available.names[available.count - 1]) == "portable");
  select_instruction_set("");
  CHECK(std::string(instruction_set()) == available.names[0]);
  for (const char* name : available) {
    select_instruction_set(name);
    CHECK(std::string(instruction_set()) == name);
  }
  select_instruction_set("");
}

TEST_CASE("each instruction set has its own loops") {
  const InstructionSets available = available_instruction_sets();
  const ElementwiseLoops* before = nullptr;
  for (const char* name : available) {
    select_instruction_set(name);
    const ElementwiseLoops& loops = elementwise_loops(0, DType::float64);
    CHECK(&loops != before);
    before = &loops;
  }
  select_instruction_set("");
}

TEST_CASE("an unavailable instruction set is an error that names the available ones") {
  select_instruction_set("portable");
  try {
    select_instruction_set("sse9");
    FAIL("no error");
  } catch (const Error& error) {
    const std::string what = error.what();
    CHECK(what.find("sse9") != std::string::npos);
    CHECK(what.find("portable") != std::string::npos);
  }
  CHECK(std::string(instruction_set()) == "portable");
  select_instruction_set("");
}

TEST_CASE("an operation that does not exist is an error") {
  CHECK_THROWS_AS(elementwise_loops(-1, DType::float32), Error);
  CHECK_THROWS_AS(elementwise_loops(Operations::size, DType::float64), Error);
}

// The arrays that grow without a copy, of which large ones come from the system in huge pages.
#include "autodiff/graph/memory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <new>
#include <numeric>
#include <span>
#include <vector>

#include "tests/support/allocated_memory.hpp"
#include "tests/support/sanitizers.hpp"

using namespace chainrule;

namespace {

constexpr std::size_t mega = std::size_t{1} << 20;

std::span<std::uint32_t> numbers_in(void* array, std::size_t bytes) {
  return {static_cast<std::uint32_t*>(array), bytes / sizeof(std::uint32_t)};
}

/// Whether the array begins with 0, 1, 2, ...
bool counts(void* array, std::size_t bytes) {
  std::uint32_t expected = 0;
  for (const std::uint32_t number : numbers_in(array, bytes))
    if (number != expected++) return false;
  return true;
}

/// An array of that size with 0, 1, 2, ...
void* counting_array(std::size_t bytes) {
  void* const array = grow_array(nullptr, 0, bytes);
  const auto numbers = numbers_in(array, bytes);
  std::iota(numbers.begin(), numbers.end(), 0u);
  return array;
}

#ifdef CHAINRULE_KNOWS_ALLOCATED_BYTES
/// The bytes of address space that the program uses.
std::size_t mapped_bytes() {
  std::size_t pages = 0;
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  REQUIRE(std::fscanf(file, "%zu", &pages) == 1);
  std::fclose(file);
  return pages * 4096;
}
#endif

}  // namespace

TEST_CASE("an array keeps its elements when it grows, between sizes below and above a huge page") {
  const std::vector<std::size_t> sizes = {4096,         mega,         2 * mega - 8, 2 * mega,
                                          2 * mega + 8, 3 * mega,     4 * mega,     5 * mega,
                                          9 * mega,     9 * mega + 4, 16 * mega};
  for (std::size_t i = 0; i < sizes.size(); ++i)
    for (std::size_t k = i; k < sizes.size(); ++k) {
      CAPTURE(sizes[i]);
      CAPTURE(sizes[k]);
      void* array = grow_array(counting_array(sizes[i]), sizes[i], sizes[k]);
      CHECK(counts(array, sizes[i]));
      const auto numbers = numbers_in(array, sizes[k]);
      std::fill(numbers.begin() + static_cast<std::ptrdiff_t>(sizes[i] / 4), numbers.end(), 1u);
      CHECK(counts(array, sizes[i]));
      free_array(array, sizes[k]);
    }
  free_array(nullptr, 0);
}

#ifdef CHAINRULE_KNOWS_ALLOCATED_BYTES
TEST_CASE("an array of a huge page or more begins at a huge page") {
  for (const std::size_t bytes : {2 * mega, 2 * mega + 8, 7 * mega}) {
    CAPTURE(bytes);
    void* const array = grow_array(nullptr, 0, bytes);
    CHECK(reinterpret_cast<std::uintptr_t>(array) % (2 * mega) == 0);
    free_array(array, bytes);
  }
}

TEST_CASE("a large array occupies its size, rounded up to huge pages") {
  if (mapped_bytes() == 0) return;  // no /proc
  const auto occupied = [](std::size_t bytes) {
    std::vector<void*> arrays(20);
    const std::size_t before = mapped_bytes();
    for (void*& array : arrays) array = grow_array(nullptr, 0, bytes);
    const std::size_t each = (mapped_bytes() - before) / arrays.size();
    for (void* const array : arrays) free_array(array, bytes);
    CHECK(mapped_bytes() == before);
    return each;
  };
  CHECK(occupied(2 * mega) == 2 * mega);
  CHECK(occupied(2 * mega + 1) == 4 * mega);
  CHECK(occupied(4 * mega) == 4 * mega);
  CHECK(occupied(5 * mega) == 6 * mega);
}

TEST_CASE("growing and freeing arrays leaves no memory behind") {
  const std::size_t mapped = mapped_bytes(), allocated = allocated_bytes();
  for (int i = 0; i < 200; ++i) {
    void* array = grow_array(nullptr, 0, mega);
    array = grow_array(array, mega, 4 * mega);
    array = grow_array(array, 4 * mega, 8 * mega);
    free_array(array, 8 * mega);
    free_array(grow_array(nullptr, 0, mega), mega);
  }
  CHECK(allocated_bytes() < allocated + mega);
  // The address sanitizer keeps freed blocks for a while.
  if (!CHAINRULE_SANITIZED) CHECK(mapped_bytes() < mapped + 8 * mega);
}

TEST_CASE("an array that is too large is refused, and the old one is unchanged") {
  constexpr std::size_t too_large = std::size_t{1} << 60;
  CHECK_THROWS_AS(grow_array(nullptr, 0, too_large), std::bad_alloc);
  for (const std::size_t bytes : {mega, 4 * mega}) {
    void* const array = counting_array(bytes);
    CHECK_THROWS_AS(grow_array(array, bytes, too_large), std::bad_alloc);
    CHECK(counts(array, bytes));
    free_array(array, bytes);
  }
}
#endif

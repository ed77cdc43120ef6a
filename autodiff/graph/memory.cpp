#include "autodiff/graph/memory.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace chainrule {

#if defined(__linux__)
namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20;

bool is_mapped(std::size_t bytes) { return bytes >= huge_page; }
std::size_t rounded(std::size_t bytes) { return (bytes + huge_page - 1) / huge_page * huge_page; }

/// A mapping aligned to a huge page: maps one page more than needed and unmaps the excess.
void* map_aligned(std::size_t bytes) {
  const std::size_t length = rounded(bytes), mapped = length + huge_page;
  void* const start = mmap(nullptr, mapped, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED) throw std::bad_alloc();
  void* array = start;
  std::size_t rest = mapped;  // from the array on
  std::align(huge_page, length, array, rest);
  if (array != start) munmap(start, mapped - rest);
  munmap(static_cast<char*>(array) + length, rest - length);
  madvise(array, length, MADV_HUGEPAGE);
  return array;
}

}  // namespace

void* grow_array(void* array, std::size_t old_bytes, std::size_t bytes) {
  if (!is_mapped(bytes)) {
    void* grown = std::realloc(array, bytes);
    if (grown == nullptr) throw std::bad_alloc();
    return grown;
  }
  void* grown = map_aligned(bytes);
  if (is_mapped(old_bytes)) {  // move the pages instead of their contents
    if (mremap(array, rounded(old_bytes), rounded(old_bytes), MREMAP_MAYMOVE | MREMAP_FIXED,
               grown) == MAP_FAILED) {
      munmap(grown, rounded(bytes));
      throw std::bad_alloc();
    }
    return grown;
  }
  std::copy_n(static_cast<const char*>(array), old_bytes, static_cast<char*>(grown));
  std::free(array);
  return grown;
}

void free_array(void* array, std::size_t bytes) noexcept {
  if (is_mapped(bytes))
    munmap(array, rounded(bytes));
  else
    std::free(array);
}

#else

void* grow_array(void* array, std::size_t, std::size_t bytes) {
  void* grown = std::realloc(array, bytes);
  if (grown == nullptr) throw std::bad_alloc();
  return grown;
}

void free_array(void* array, std::size_t) noexcept { std::free(array); }

#endif

}  // namespace chainrule

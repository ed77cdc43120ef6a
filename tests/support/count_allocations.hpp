// Counts all allocations of the program, in C and in C++, in `allocations`. The one of which
// `failing_allocation` is the number fails; 0 is none. Include it in one file of a program: its
// functions replace those of the C library.
//
// This needs the internal names of glibc's functions. Sanitizers already replace them; then there
// is no counter, and CHAINRULE_COUNTS_ALLOCATIONS is 0.
#pragma once

#include <atomic>
#include <cstdlib>

#include "tests/support/sanitizers.hpp"

#if defined(__GLIBC__) && !CHAINRULE_SANITIZED
#define CHAINRULE_COUNTS_ALLOCATIONS 1
#else
#define CHAINRULE_COUNTS_ALLOCATIONS 0
#endif

#if CHAINRULE_COUNTS_ALLOCATIONS
static std::atomic<std::size_t> allocations = 0, failing_allocation = 0;
static bool allocation_fails() { return ++allocations == failing_allocation; }
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void* malloc(std::size_t size) { return allocation_fails() ? nullptr : __libc_malloc(size); }
void* calloc(std::size_t n, std::size_t size) {
  return allocation_fails() ? nullptr : __libc_calloc(n, size);
}
void* realloc(void* old, std::size_t size) {
  return allocation_fails() ? nullptr : __libc_realloc(old, size);
}
void* aligned_alloc(std::size_t to, std::size_t size) {
  return allocation_fails() ? nullptr : __libc_memalign(to, size);
}
int posix_memalign(void** result, std::size_t to, std::size_t size) {
  *result = allocation_fails() ? nullptr : __libc_memalign(to, size);
  return *result != nullptr ? 0 : 12;
}
}
#endif

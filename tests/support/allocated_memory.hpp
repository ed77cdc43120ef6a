// The amount of memory that the program has allocated.
#pragma once

#include <cstddef>
#include <cstdlib>

#include "tests/support/sanitizers.hpp"

#if defined(__GLIBC__) && !CHAINRULE_SANITIZED
#if __GLIBC_PREREQ(2, 33)
#include <malloc.h>
#define CHAINRULE_KNOWS_ALLOCATED_BYTES 1
#endif
#endif

/// The number of bytes that malloc has allocated in all threads and that are not freed. 0 under
/// sanitizers, and if the C library does not report it.
inline std::size_t allocated_bytes() {
#ifdef CHAINRULE_KNOWS_ALLOCATED_BYTES
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
#else
  return 0;
#endif
}

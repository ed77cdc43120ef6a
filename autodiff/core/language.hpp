// Stops a compiler that is not in C++20 mode, with one message instead of a thousand. Every header
// includes this one before any other of the project (tests/project/layers.cpp checks that).
#pragma once

#if __cplusplus < 202002L
#error "Chainrule needs C++20: compile with -std=c++20, or set CMAKE_CXX_STANDARD to 20 in CMake"
#include "chainrule_needs_cxx20"  // There is no such file, so the compiler reads no further.
#endif

// How many threads the library may use.
#pragma once

#include "autodiff/core/language.hpp"

namespace chainrule {

/// Sets how many threads large computations are divided among, for the whole process. Takes effect
/// with the next one. Results are the same bits on every run with the same number.
/// Throws DomainError unless count is from 1 to 1024.
void set_thread_count(int count);

/// How many threads large computations are divided among: what was set last; otherwise the
/// environment variable CHAINRULE_THREADS, if it holds a number from 1 to 1024; otherwise the
/// number of processors.
int thread_count() noexcept;

}  // namespace chainrule

// The number of threads that the library may use.
#pragma once

#include "autodiff/core/language.hpp"

namespace chainrule {

/// Sets the number of threads that large computations are divided among, for the whole process.
/// Takes effect from the next computation on. With the same number of threads, results are
/// bit-identical on every run. Throws DomainError unless count is from 1 to 1024.
void set_thread_count(int count);

/// The number of threads that large computations are divided among: the last value set; otherwise
/// the environment variable CHAINRULE_THREADS, if it is a number from 1 to 1024; otherwise the
/// number of processors.
int thread_count() noexcept;

}  // namespace chainrule

// Public: loops divided among threads: parallel_for(), thread_count() and set_thread_count(). Not
// part of autodiff.hpp, since only authors of loops need it.
#pragma once

#include "autodiff/core/threads.hpp"
#include "autodiff/kernels/parallel.hpp"

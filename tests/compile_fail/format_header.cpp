// expect 1: write #include <autodiff/format.hpp>
// expect 2: write #include <autodiff/format.hpp>
// expect 3: write #include <autodiff/format.hpp>
// most-lines: 36
// fmt formats the types of the library with one more header. (g++ needs 15 lines; clang prints how
// fmt got there.)
#include <fmt/format.h>

#include "autodiff/autodiff.hpp"
#ifndef CHAINRULE_MUST_FAIL
#include "autodiff/format.hpp"
#define CHAINRULE_MUST_FAIL 0
#endif

using namespace chainrule;

std::string text_of_all(const Var& x, const Tensor& t) {
#if CHAINRULE_MUST_FAIL == 1
  return fmt::format("{}", x);
#elif CHAINRULE_MUST_FAIL == 2
  return fmt::format("{}", t);
#elif CHAINRULE_MUST_FAIL == 3
  return fmt::format("{}", gradient(x));
#else
  return fmt::format("{} {} {}", x, t, gradient(x));
#endif
}

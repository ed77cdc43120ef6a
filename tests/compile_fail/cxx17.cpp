// expect: Chainrule needs C++20: compile with -std=c++20
// standard: c++17
// One message instead of a thousand.
#ifdef CHAINRULE_MUST_FAIL
#include "nn/nn.hpp"
#endif

// Included by the files of this folder, which are compiled once per instruction set: defines their
// namespace and their pack types. CMake defines CHAINRULE_INSTRUCTION_SET
// (autodiff/CMakeLists.txt).
//
// The linker keeps one copy of each inline function, and this must not be one that only some
// processors can run. So everything here is in a namespace named after the instruction set, or is a
// template over packs of its architecture, or is only called and not inlined. The test
// project.vector_symbols checks the object files.
#pragma once

#ifndef CHAINRULE_INSTRUCTION_SET
#define CHAINRULE_INSTRUCTION_SET portable
#define CHAINRULE_PORTABLE 1
#endif

#include "autodiff/values/pack.hpp"
#if !CHAINRULE_PORTABLE
#include "autodiff/values/lanes_xsimd.hpp"
#endif

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

#if CHAINRULE_PORTABLE
using Architecture = Portable;
#else
using Architecture = xsimd::default_arch;
#endif

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET

// For the files of this folder, which are compiled once per instruction set: where their names
// live and which packs they use. CMake defines CHAINRULE_INSTRUCTION_SET (autodiff/CMakeLists.txt).
//
// The linker keeps one copy of an inline function, and it must not be one that only some processors
// can run. So everything here is in a namespace named after the instruction set, or a template over
// packs of its architecture, or nothing but a call. The test project.vector_symbols reads the
// objects.
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

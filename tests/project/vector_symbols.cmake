# Reads the object files compiled for one instruction set. Fails if one has a weak function whose
# name does not contain the instruction set: the linker could use that function in place of one of
# the same name elsewhere, where it may be an illegal instruction.
# Usage: cmake -DOBJECTS=<file>|<file>... -DNAME=<instruction set> -DNM=<nm> -P this file

cmake_minimum_required(VERSION 3.21)
include("${CMAKE_CURRENT_LIST_DIR}/fail.cmake")

if(NOT NM)
  message("skipped: there is no nm")
  return()
endif()
string(REPLACE "|" ";" OBJECTS "${OBJECTS}")
execute_process(COMMAND "${NM}" --defined-only ${OBJECTS} RESULT_VARIABLE result
                OUTPUT_VARIABLE listing ERROR_VARIABLE complaint)
if(NOT result EQUAL 0)
  check_fail("${complaint}")
endif()

# In a mangled name each part follows its length: chainrule::avx2 is 9chainrule4avx2.
string(LENGTH "${NAME}" length)
string(REGEX MATCHALL " W [^\n]+" weak "${listing}")
set(untagged "")
foreach(symbol IN LISTS weak)
  if(NOT symbol MATCHES "${length}${NAME}" AND NOT symbol MATCHES "xsimd_${NAME}")
    string(REGEX REPLACE "^ W " "" symbol "${symbol}")
    execute_process(COMMAND c++filt "${symbol}" OUTPUT_VARIABLE readable ERROR_QUIET)
    string(APPEND untagged "  ${symbol} ${readable}\n")
  endif()
endforeach()
list(LENGTH weak count)
if(untagged)
  check_fail("Weak functions of ${NAME} that the linker could use elsewhere:\n${untagged}")
endif()
message("${count} weak functions of ${NAME}, all named after it")

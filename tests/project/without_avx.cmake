# Reads files compiled for processors without AVX and fails if one contains an AVX instruction.
# Usage: cmake -DFILES=<file>|<file>... -DOBJDUMP=<objdump> -P this file

cmake_minimum_required(VERSION 3.21)
include("${CMAKE_CURRENT_LIST_DIR}/fail.cmake")

find_program(GREP grep)
if(NOT OBJDUMP OR NOT GREP)
  message("skipped: there is no objdump or no grep")
  return()
endif()
string(REPLACE "|" ";" FILES "${FILES}")
foreach(file IN LISTS FILES)
  # An instruction follows a tab character. AVX instructions, and no others, start with v (except
  # verr and verw, of 1982) or name a register that AVX introduced.
  execute_process(
    COMMAND "${OBJDUMP}" --disassemble --no-show-raw-insn "${file}"
    COMMAND "${GREP}" -m 5 -E "\t(v[^e]|ve[^r]|.*%([yz]mm|k[0-7]))"
    OUTPUT_VARIABLE found ERROR_VARIABLE complaint RESULTS_VARIABLE results)
  if(NOT "${found}" STREQUAL "")
    check_fail("${file} has AVX instructions, for example:\n${found}")
  endif()
  list(GET results 0 result)
  if(NOT result EQUAL 0)
    check_fail("${file} cannot be read: ${complaint}")
  endif()
endforeach()

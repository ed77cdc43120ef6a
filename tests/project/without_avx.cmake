# Reads what was compiled for processors without AVX and fails on an instruction of AVX.
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
  # An instruction stands behind a tabulator. Those of AVX, and only they, begin with v (but for
  # verr and verw, of 1982) or name a register that was not there before.
  execute_process(
    COMMAND "${OBJDUMP}" --disassemble --no-show-raw-insn "${file}"
    COMMAND "${GREP}" -m 5 -E "\t(v[^e]|ve[^r]|.*%([yz]mm|k[0-7]))"
    OUTPUT_VARIABLE found ERROR_VARIABLE complaint RESULTS_VARIABLE results)
  if(NOT "${found}" STREQUAL "")
    check_fail("${file} has instructions of AVX, among them:\n${found}")
  endif()
  list(GET results 0 result)
  if(NOT result EQUAL 0)
    check_fail("${file} cannot be read: ${complaint}")
  endif()
endforeach()

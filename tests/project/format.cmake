# Fails if clang-format would change a file. Versions of clang-format differ; the project uses 14.
# Usage: cmake -DROOT= -P this file

cmake_minimum_required(VERSION 3.21)
include("${CMAKE_CURRENT_LIST_DIR}/fail.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/sources.cmake")

find_program(CLANG_FORMAT NAMES clang-format-14)
if(NOT CLANG_FORMAT)
  message("skipped: clang-format-14 is not installed")
  return()
endif()

chainrule_sources(files "${ROOT}" "*.hpp" "*.cpp")
execute_process(COMMAND "${CLANG_FORMAT}" --dry-run -Werror --ferror-limit=1 ${files}
                WORKING_DIRECTORY "${ROOT}" RESULT_VARIABLE result ERROR_VARIABLE complaint)
if(NOT result EQUAL 0)
  string(REGEX MATCHALL "[^\n]*error: code should be" lines "${complaint}")
  list(TRANSFORM lines REPLACE ":[0-9]+:[0-9]+: error.*" "")
  list(REMOVE_DUPLICATES lines)
  list(JOIN lines " " names)
  check_fail("Not formatted. To fix it, run:\n  clang-format-14 -i ${names}\n\n${complaint}")
endif()

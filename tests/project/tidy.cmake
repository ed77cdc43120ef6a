# Runs clang-tidy on one source file, with the compile flags of BUILD.
# Usage: cmake -DSOURCE= -DBUILD= -P this file

cmake_minimum_required(VERSION 3.21)
include("${CMAKE_CURRENT_LIST_DIR}/fail.cmake")

find_program(CLANG_TIDY NAMES clang-tidy-14 clang-tidy)
if(NOT CLANG_TIDY)
  message("skipped: clang-tidy is not installed")
  return()
endif()

execute_process(COMMAND "${CLANG_TIDY}" --quiet --extra-arg=-Wno-unknown-warning-option -p
                        "${BUILD}" "${SOURCE}" RESULT_VARIABLE result
                OUTPUT_VARIABLE findings ERROR_VARIABLE complaint)
if(NOT result EQUAL 0)
  check_fail("${findings}${complaint}")
endif()

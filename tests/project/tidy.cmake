# Runs clang-tidy on all sources of a folder as one program, so that it visits the headers once. If
# they cannot be compiled together, because two of them use a name for different things, it runs on
# each half of them instead.
#
# Usage: cmake -DSOURCES=a|b|c -DFLAGS=a|b|c -DWORK= -P this file
# or, for sources that are compiled in several ways: cmake -DSOURCES=a|b|c -DBUILD= -P this file

cmake_minimum_required(VERSION 3.21)
include("${CMAKE_CURRENT_LIST_DIR}/fail.cmake")

find_program(CLANG_TIDY NAMES clang-tidy-14 clang-tidy)
if(NOT CLANG_TIDY)
  message("skipped: clang-tidy is not installed")
  return()
endif()
string(REPLACE "|" ";" sources "${SOURCES}")
string(REPLACE "|" ";" flags "${FLAGS}")
list(FILTER flags EXCLUDE REGEX "^-I/usr/include$")
list(REMOVE_DUPLICATES flags)
set(tidy "${CLANG_TIDY}" --quiet --extra-arg=-Wno-unknown-warning-option)

if(BUILD)
  execute_process(COMMAND ${tidy} -p "${BUILD}" ${sources} RESULT_VARIABLE result
                  OUTPUT_VARIABLE findings ERROR_VARIABLE complaint)
  if(NOT result EQUAL 0)
    check_fail("${findings}${complaint}")
  endif()
  return()
endif()

# Includes come first, because a source may have `using namespace`, which would change the meaning of
# a header that follows.
function(write_program path)
  set(includes "")
  set(text "")
  foreach(source IN LISTS ARGN)
    file(STRINGS "${source}" lines REGEX "^#include \"")
    list(APPEND includes ${lines})
    string(APPEND text "#include \"${source}\"\n")
  endforeach()
  list(JOIN includes "\n" includes)
  file(WRITE "${path}" "${includes}\n${text}")
endfunction()

function(check)
  set(program "${WORK}/tidy.cpp")
  write_program("${program}" ${ARGN})
  list(LENGTH ARGN count)
  if(count GREATER 1)  # a single check, to see quickly whether the program compiles
    execute_process(COMMAND "${CLANG_TIDY}" --quiet --checks=-*,modernize-use-override "${program}" --
                            ${flags} -w OUTPUT_VARIABLE findings ERROR_QUIET)
    if(findings MATCHES "clang-diagnostic-error")
      math(EXPR half "${count} / 2")
      list(SUBLIST ARGN 0 ${half} first)
      list(SUBLIST ARGN ${half} -1 second)
      check(${first})
      check(${second})
      return()
    endif()
  endif()
  execute_process(COMMAND ${tidy} --checks=-bugprone-suspicious-include
                          "--header-filter=/(autodiff|nn)/[a-z_/]+\\.[ch]pp$" "${program}" -- ${flags}
                  RESULT_VARIABLE result OUTPUT_VARIABLE findings ERROR_VARIABLE complaint)
  if(NOT result EQUAL 0)
    check_fail("${findings}${complaint}")
  endif()
endfunction()

file(MAKE_DIRECTORY "${WORK}")
check(${sources})

# Compiles a program that includes every header, as ordinary headers, with many warnings, all of
# them errors, by each compiler and in each standard.
# Usage: cmake -DSOURCE= -DCOMPILERS=a|b -DINCLUDES=a|b -P this file

cmake_minimum_required(VERSION 3.21)
include("${CMAKE_CURRENT_LIST_DIR}/fail.cmake")

string(REPLACE "|" ";" compilers "${COMPILERS}")
string(REPLACE "|" ";" includes "${INCLUDES}")
list(FILTER includes EXCLUDE REGEX "^/usr/include$|^$")
list(TRANSFORM includes PREPEND -I)
foreach(compiler IN LISTS compilers)
  foreach(standard c++20 c++2b)
    execute_process(
      COMMAND "${compiler}" -std=${standard} ${includes} -Wall -Wextra -Wpedantic -Wconversion
              -Wshadow -Werror -fsyntax-only "${SOURCE}" RESULT_VARIABLE result
      ERROR_VARIABLE output)
    if(NOT result EQUAL 0)
      check_fail("${compiler} -std=${standard}:\n${output}")
    endif()
  endforeach()
endforeach()

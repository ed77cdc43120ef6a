# Checks a program with a mistake: it must not compile, and the compiler must say what to do, in few
# lines. Each SOURCE must compile unchanged, and fail with -DCHAINRULE_MUST_FAIL. Its first lines
# say how; all except one `expect` are optional:
#
#   // expect: <text that the output of the compiler contains>
#   // most-lines: <the maximum number of lines of that output>    (default: 20)
#   // standard: <the value of -std=>                              (default: c++20)
#
# A source with several mistakes has a line `// expect 1: <text>`, `// expect 2: <text>` and so on
# for each, which is compiled with -DCHAINRULE_MUST_FAIL=<that number>.
#
# The output is that of the compiler's default options, so it may quote source lines. A text that is
# expected may stand in a comment of the library next to a deleted function, but not in SOURCE.
#
# Usage: cmake -DSOURCE= -DCOMPILERS=a|b -DINCLUDES=a|b -P this file

cmake_minimum_required(VERSION 3.21)
include("${CMAKE_CURRENT_LIST_DIR}/fail.cmake")

# The value of a setting in the first lines, or its default.
function(read_setting text name default result)
  set(value "${default}")
  if("${text}" MATCHES "(^|\n)// ${name}: ([^\n]+)\n")
    set(value "${CMAKE_MATCH_2}")
  endif()
  set(${result} "${value}" PARENT_SCOPE)
endfunction()

# Compiles SOURCE with a mistake and checks the compiler's output.
function(check_mistake compiler definition expected)
  execute_process(COMMAND "${compiler}" ${options} "-D${definition}" "${SOURCE}"
                  RESULT_VARIABLE result ERROR_VARIABLE output)
  string(REPLACE ";" "," output "${output}")
  set(where "${SOURCE} with -D${definition} and ${compiler}")
  if(result EQUAL 0)
    check_fail("${where} compiles")
  endif()
  string(FIND "${output}" "${expected}" place)
  if(place EQUAL -1)
    check_fail("${where} fails without saying `${expected}`:\n${output}")
  endif()
  string(REGEX MATCHALL "\n" lines "${output}")
  list(LENGTH lines count)
  if(count GREATER most_lines)
    check_fail("${where} fails with ${count} lines of output, not ${most_lines}:\n${output}")
  endif()
  message(STATUS "${definition}, ${compiler}: ${count} lines of at most ${most_lines}")
endfunction()

file(READ "${SOURCE}" text)
# A semicolon would split a CMake list.
string(REPLACE ";" "," text "${text}")
read_setting("${text}" "most-lines" 20 most_lines)
read_setting("${text}" "standard" "c++20" standard)
string(REGEX MATCHALL "// expect[ 0-9]*: [^\n]+" cases "${text}")
string(REGEX REPLACE "// expect[ 0-9]*: [^\n]+" "" code "${text}")
if(NOT cases)
  check_fail("${SOURCE} does not begin with `// expect: <text>`")
endif()

string(REPLACE "|" ";" includes "${INCLUDES}")
list(FILTER includes EXCLUDE REGEX "^/usr/include$|^$")
list(TRANSFORM includes PREPEND -I)
set(options "-std=${standard}" ${includes} -fdiagnostics-color=never -fsyntax-only)
set(ENV{LC_ALL} C)
string(REPLACE "|" ";" compilers "${COMPILERS}")

foreach(compiler IN LISTS compilers)
  execute_process(COMMAND "${compiler}" ${options} "${SOURCE}"
                  RESULT_VARIABLE result ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    check_fail("${SOURCE} must compile without CHAINRULE_MUST_FAIL, but ${compiler}:\n${output}")
  endif()
  foreach(case IN LISTS cases)
    string(REGEX MATCH "^// expect ?([0-9]*): (.+)$" case "${case}")
    set(number "${CMAKE_MATCH_1}")
    set(expected "${CMAKE_MATCH_2}")
    string(FIND "${code}" "${expected}" place)
    if(NOT place EQUAL -1)
      check_fail("${SOURCE} contains `${expected}` itself, so a quoted line would pass")
    endif()
    if(number STREQUAL "")
      set(number 1)
    endif()
    check_mistake("${compiler}" "CHAINRULE_MUST_FAIL=${number}" "${expected}")
  endforeach()
endforeach()

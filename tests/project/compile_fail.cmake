# Checks a program that must not compile, with a clear message. SOURCE must compile unchanged, and
# fail with -DCHAINRULE_MUST_FAIL and a short message. Its first lines are:
#
#   expect: <a CMake regular expression that some line of the diagnostics matches>
#   most-lines: <maximum number of lines of errors and notes>    (default: 20)
#
# Usage: cmake -DSOURCE= -DCOMPILER= -DCOMPILER_ID= -DINCLUDES=a|b -DOBJECT= -P this file

cmake_minimum_required(VERSION 3.21)
include("${CMAKE_CURRENT_LIST_DIR}/fail.cmake")

file(READ "${SOURCE}" text LIMIT 2000)
set(expect "")
set(most_lines 20)
if("${text}" MATCHES "^// expect: ([^\n]+)\n")
  set(expect "${CMAKE_MATCH_1}")
endif()
if("${text}" MATCHES "\n// most-lines: ([0-9]+)\n")
  set(most_lines "${CMAKE_MATCH_1}")
endif()
if(expect STREQUAL "")
  check_fail("${SOURCE} does not start with `// expect: <regular expression>`")
endif()

# Quoted source lines are not part of the message, but would match, too.
set(no_quotes -fno-diagnostics-show-caret)
if(COMPILER_ID MATCHES "Clang")
  set(no_quotes -fno-caret-diagnostics)
endif()
string(REPLACE "|" ";" includes "${INCLUDES}")
list(FILTER includes EXCLUDE REGEX "^/usr/include$|^$")
list(TRANSFORM includes PREPEND -I)
set(compile "${COMPILER}" -std=c++20 ${includes} ${no_quotes} -fdiagnostics-color=never -c
            "${SOURCE}" -o "${OBJECT}")
set(ENV{LC_ALL} C)

get_filename_component(folder "${OBJECT}" DIRECTORY)
file(MAKE_DIRECTORY "${folder}")
execute_process(COMMAND ${compile} RESULT_VARIABLE result ERROR_VARIABLE diagnostics)
if(NOT result EQUAL 0)
  check_fail("${SOURCE} must compile without CHAINRULE_MUST_FAIL, but:\n${diagnostics}")
endif()
execute_process(COMMAND ${compile} -DCHAINRULE_MUST_FAIL
                RESULT_VARIABLE result ERROR_VARIABLE diagnostics)
if(result EQUAL 0)
  check_fail("${SOURCE} compiles with CHAINRULE_MUST_FAIL")
endif()
if(NOT "${diagnostics}" MATCHES "${expect}")
  check_fail("${SOURCE} fails, but its message does not match `${expect}`:\n${diagnostics}")
endif()
string(REGEX MATCHALL "(error|note): " lines "${diagnostics}")
list(LENGTH lines count)
if(count GREATER most_lines)
  check_fail(
    "${SOURCE} fails with ${count} lines of errors and notes, not ${most_lines}:\n${diagnostics}")
endif()
message(STATUS "${count} lines of errors and notes, of at most ${most_lines}")

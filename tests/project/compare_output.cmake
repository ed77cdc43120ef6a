# Runs a program and compares its output with a file, byte by byte.
#
# If included, this file provides the function below. As a script (cmake -P) it is the test that the
# function registers, with these arguments: -DPROGRAM=; -DARGUMENTS= a file of arguments, or empty;
# -DEXPECTED= a file, or empty (then the program only has to succeed); -DSTATUS= the expected exit
# code if it is not 0 (then stderr is compared); -DWORK= the folder to run in.

# chainrule_compare_output(<test> PROGRAM <target> [EXPECTED <file>] [ARGUMENTS <file>] [STATUS <code>])
function(chainrule_compare_output test)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "PROGRAM;EXPECTED;ARGUMENTS;STATUS" "")
  add_test(
    NAME ${test}
    COMMAND
      ${CMAKE_COMMAND} "-DPROGRAM=$<TARGET_FILE:${arg_PROGRAM}>" "-DARGUMENTS=${arg_ARGUMENTS}"
      "-DEXPECTED=${arg_EXPECTED}" "-DSTATUS=${arg_STATUS}" "-DWORK=${CMAKE_CURRENT_BINARY_DIR}/run/${test}" -P
      "${PROJECT_SOURCE_DIR}/tests/project/compare_output.cmake")
  set_tests_properties(${test} PROPERTIES LABELS example TIMEOUT 300)
endfunction()

if(NOT CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  return()
endif()
cmake_minimum_required(VERSION 3.21)
include("${CMAKE_CURRENT_LIST_DIR}/fail.cmake")

set(arguments "")
if(ARGUMENTS AND EXISTS "${ARGUMENTS}")
  file(READ "${ARGUMENTS}" text)
  separate_arguments(arguments UNIX_COMMAND "${text}")
endif()

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
execute_process(
  COMMAND "${PROGRAM}" ${arguments}
  WORKING_DIRECTORY "${WORK}"
  OUTPUT_FILE "${WORK}.stdout"
  ERROR_FILE "${WORK}.stderr"
  RESULT_VARIABLE result)

if(NOT STATUS)
  set(STATUS 0)
endif()
if(NOT result STREQUAL STATUS)
  file(READ "${WORK}.stdout" printed)
  file(READ "${WORK}.stderr" complaint)
  check_fail("${PROGRAM} exited with ${result}, not ${STATUS}\n${complaint}\nOutput:\n${printed}")
endif()
if(NOT EXPECTED)
  return()
endif()

set(output "${WORK}.stdout")
if(NOT STATUS EQUAL 0)
  set(output "${WORK}.stderr")
endif()
execute_process(COMMAND "${CMAKE_COMMAND}" -E compare_files "${EXPECTED}" "${output}"
                RESULT_VARIABLE different ERROR_QUIET)
if(different)
  find_program(DIFF diff)
  if(DIFF)
    execute_process(COMMAND "${DIFF}" -u "${EXPECTED}" "${output}" OUTPUT_VARIABLE difference)
  else()
    file(READ "${output}" difference)
  endif()
  check_fail("The output of ${PROGRAM} differs from ${EXPECTED}:\n${difference}")
endif()

# Builds and runs a program of a project that contains the sources, by add_subdirectory() and by
# FetchContent, with options that leave out parts. Compiles them once, without optimisation.
# Usage: cmake -DROOT= -DSOURCE= -DWORK= -DGENERATOR= -DCOMPILER= -P this file

cmake_minimum_required(VERSION 3.21)
include("${CMAKE_CURRENT_LIST_DIR}/fail.cmake")

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output
                  ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    check_fail("${command}: ${result}\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE "${WORK}")
set(options -S "${SOURCE}" -G "${GENERATOR}" "-DCMAKE_BUILD_TYPE=Debug"
            "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCHAINRULE=${ROOT}")
run("${CMAKE_COMMAND}" ${options} -B "${WORK}/build")
run("${CMAKE_COMMAND}" --build "${WORK}/build" --target numbers)
run("${WORK}/build/numbers")
# An own library is built only if a target needs it.
file(GLOB_RECURSE objects "${WORK}/build/*.o")
foreach(object IN LISTS objects)
  if(object MATCHES "chainrule_(autodiff|nn|pictures|kernels)")
    check_fail("a program of numbers only has compiled ${object}")
  endif()
endforeach()
run("${CMAKE_COMMAND}" ${options} -B "${WORK}/fetched" -DFETCH=ON)

# Builds and runs a program of a project that contains the sources, by add_subdirectory() and by
# FetchContent, with options that leave out parts. Compiles them once, without optimisation.
# Usage: cmake -DROOT= -DSOURCE= -DWORK= -DGENERATOR= -DCOMPILER= -P this file

cmake_minimum_required(VERSION 3.21)
include("${CMAKE_CURRENT_LIST_DIR}/fail.cmake")

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
set(options -S "${SOURCE}" -G "${GENERATOR}" "-DCMAKE_BUILD_TYPE=Debug"
            "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCHAINRULE=${ROOT}")
check_run("${CMAKE_COMMAND}" ${options} -B "${WORK}/build")
check_run("${CMAKE_COMMAND}" --build "${WORK}/build" --target numbers)
check_run("${WORK}/build/numbers")
# A library is built only if a target needs it.
file(GLOB_RECURSE objects "${WORK}/build/*.o")
foreach(object IN LISTS objects)
  if(object MATCHES "chainrule_(autodiff|nn|pictures|kernels)")
    check_fail("a program of numbers only has compiled ${object}")
  endif()
endforeach()
check_run("${CMAKE_COMMAND}" ${options} -B "${WORK}/fetched" -DFETCH=ON)

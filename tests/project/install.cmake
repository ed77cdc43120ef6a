# Installs the build to an empty folder, then builds and runs programs that use only that folder: by
# find_package() and by pkg-config.
# Usage: cmake -DBUILD= -DCONFIG= -DSOURCE= -DWORK= -DGENERATOR= -DCOMPILER= -DFLAGS= -DSHARED= -P
# this file

cmake_minimum_required(VERSION 3.21)
include("${CMAKE_CURRENT_LIST_DIR}/fail.cmake")

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
set(prefix "${WORK}/prefix")
check_run("${CMAKE_COMMAND}" --install "${BUILD}" --config "${CONFIG}" --prefix "${prefix}")

# ---- find_package ---------------------------------------------------------------------------------

check_run(
  "${CMAKE_COMMAND}" -S "${SOURCE}" -B "${WORK}/build" -G "${GENERATOR}"
  "-DCMAKE_BUILD_TYPE=${CONFIG}" "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_FLAGS=${FLAGS}"
  "-DCMAKE_PREFIX_PATH=${prefix}")
check_run("${CMAKE_COMMAND}" --build "${WORK}/build" --config "${CONFIG}")
foreach(program everything numbers host)
  check_run("${WORK}/build/${program}")
endforeach()

# A component that does not exist is an error that names those that do.
file(WRITE "${WORK}/unknown/CMakeLists.txt"
     "cmake_minimum_required(VERSION 3.21)\nproject(unknown LANGUAGES CXX)\n"
     "find_package(chainrule REQUIRED COMPONENTS tensors)\n")
execute_process(
  COMMAND "${CMAKE_COMMAND}" -S "${WORK}/unknown" -B "${WORK}/unknown/build" -G "${GENERATOR}"
          "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_PREFIX_PATH=${prefix}"
  RESULT_VARIABLE result ERROR_VARIABLE error OUTPUT_QUIET)
if(result EQUAL 0 OR NOT error MATCHES "no component[ \n]+tensors")
  check_fail("an unknown component gives ${result}:\n${error}")
endif()

# ---- Size and libraries of a program of numbers only ------------------------------------------------

if(NOT SHARED)
  find_program(strip strip)
  if(strip AND CONFIG STREQUAL "Release" AND NOT FLAGS MATCHES "sanitize|coverage")
    check_run("${strip}" "${WORK}/build/numbers" -o "${WORK}/stripped")
    file(SIZE "${WORK}/stripped" size)
    if(size GREATER 409600)
      check_fail("a program that differentiates x * x has ${size} bytes, more than 400 KiB")
    endif()
  endif()
endif()
find_program(ldd ldd)
if(ldd)
  execute_process(COMMAND "${ldd}" "${WORK}/build/numbers" OUTPUT_VARIABLE libraries)
  if(libraries MATCHES "libgvc|libdnnl|libgomp|libz|libchainrule_(autodiff|nn|pictures)")
    check_fail("a program of numbers only needs more libraries than it should:\n${libraries}")
  endif()
endif()

# ---- pkg-config -----------------------------------------------------------------------------------

find_program(pkg_config pkg-config)
if(pkg_config)
  file(GLOB_RECURSE file "${prefix}/chainrule-nn.pc")
  get_filename_component(folder "${file}" DIRECTORY)
  set(ENV{PKG_CONFIG_PATH} "${folder}:$ENV{PKG_CONFIG_PATH}")
  get_filename_component(lib_dir "${folder}" DIRECTORY)
  set(ENV{LD_LIBRARY_PATH} "${lib_dir}")
  foreach(program "everything;chainrule-nn;chainrule-pictures" "numbers;chainrule-scalars")
    list(POP_FRONT program name)
    execute_process(COMMAND "${pkg_config}" --cflags --libs ${program} OUTPUT_VARIABLE options
                    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    separate_arguments(options UNIX_COMMAND "${options} ${FLAGS}")
    check_run("${COMPILER}" -std=c++20 "${SOURCE}/${name}.cpp" ${options} -o "${WORK}/${name}")
    check_run("${WORK}/${name}")
  endforeach()
endif()

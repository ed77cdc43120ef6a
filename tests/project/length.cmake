# Fails if a source file has more than 500 lines.
# Usage: cmake -DROOT= -P this file

cmake_minimum_required(VERSION 3.21)
include("${CMAKE_CURRENT_LIST_DIR}/fail.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/sources.cmake")

set(most 500)
set(too_long "")
chainrule_sources(files "${ROOT}" "*.hpp" "*.cpp" "*.cmake" "*CMakeLists.txt")
foreach(file IN LISTS files)
  file(READ "${ROOT}/${file}" text)
  string(REGEX MATCHALL "\n" lines "${text}")
  list(LENGTH lines count)
  if(count GREATER most)
    string(APPEND too_long "  ${file}: ${count} lines\n")
  endif()
endforeach()
if(too_long)
  check_fail("Longer than ${most} lines; split these files:\n${too_long}")
endif()

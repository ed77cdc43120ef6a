# Builds the reference of the public headers as web pages: <OUTPUT>/html/index.html.
# Usage: cmake -DDOXYGEN= -DROOT= -DVERSION= -DOUTPUT= -P this file

cmake_minimum_required(VERSION 3.21)

# Public headers: those in the top folders, the one for structural rules of your own, and what these
# include.
file(GLOB waiting RELATIVE "${ROOT}" "${ROOT}/autodiff/*.hpp" "${ROOT}/nn/*.hpp")
list(APPEND waiting autodiff/graph/tensor_operation.hpp)
set(headers ${waiting})
while(waiting)
  list(POP_FRONT waiting header)
  file(STRINGS "${ROOT}/${header}" includes REGEX "^#include \"(autodiff|nn)/")
  foreach(include IN LISTS includes)
    string(REGEX REPLACE "^#include \"([^\"]+)\".*" "\\1" include "${include}")
    if(NOT include IN_LIST headers)
      list(APPEND headers "${include}")
      list(APPEND waiting "${include}")
    endif()
  endforeach()
endwhile()
list(SORT headers)
list(TRANSFORM headers PREPEND "\"${ROOT}/")
list(TRANSFORM headers APPEND "\"")

file(GLOB documents "${ROOT}/docs/*.md")
list(TRANSFORM documents PREPEND "\"")
list(TRANSFORM documents APPEND "\"")
list(JOIN documents " " documents)
list(JOIN headers " " headers)
set(INPUT "\"${ROOT}/README.md\" ${documents} ${headers}")

file(REMOVE_RECURSE "${OUTPUT}/html")
file(MAKE_DIRECTORY "${OUTPUT}")
configure_file("${CMAKE_CURRENT_LIST_DIR}/Doxyfile.in" "${OUTPUT}/Doxyfile" @ONLY)
execute_process(COMMAND "${DOXYGEN}" "${OUTPUT}/Doxyfile" COMMAND_ERROR_IS_FATAL ANY)

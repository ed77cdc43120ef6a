# Builds the reference without a warning. It has the public names and no internal ones.
# Usage: cmake -DDOXYGEN= -DROOT= -DVERSION= -DOUTPUT= -P this file

cmake_minimum_required(VERSION 3.21)

if(NOT DOXYGEN)
  message("skipped: doxygen is not installed")
  return()
endif()
include("${ROOT}/docs/reference.cmake")

file(GLOB pages RELATIVE "${OUTPUT}/html" "${OUTPUT}/html/*.html")
foreach(page index classchainrule_1_1Graph classchainrule_1_1nn_1_1Linear namespacechainrule)
  if(NOT "${page}.html" IN_LIST pages)
    message(FATAL_ERROR "the reference has no page ${page}.html")
  endif()
endforeach()
list(FILTER pages INCLUDE REGEX "chainrule.*detail|classfmt|structfmt")
if(pages)
  message(FATAL_ERROR "the reference shows internals: ${pages}")
endif()

# The functions that take their names from the first lines of the tutorial, and the main page.
file(READ "${OUTPUT}/html/namespacechainrule.html" functions)
foreach(name variable gradient derivative check_gradient write_dot tensor load_npy)
  if(NOT functions MATCHES ">${name} *<")
    message(FATAL_ERROR "the reference does not list ${name}()")
  endif()
endforeach()
file(READ "${OUTPUT}/html/index.html" main_page)
if(NOT main_page MATCHES "A first program")
  message(FATAL_ERROR "the main page is not the README")
endif()

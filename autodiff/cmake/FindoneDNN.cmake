# Finds oneDNN: the target oneDNN::dnnl. Does not use oneDNN's own package, which requires OpenCL if
# it was built with it, whether it is needed or not. Set CMAKE_PREFIX_PATH to search further places.

find_path(oneDNN_INCLUDE_DIR dnnl.hpp)
find_library(oneDNN_LIBRARY dnnl)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(oneDNN REQUIRED_VARS oneDNN_LIBRARY oneDNN_INCLUDE_DIR)
mark_as_advanced(oneDNN_INCLUDE_DIR oneDNN_LIBRARY)

if(oneDNN_FOUND AND NOT TARGET oneDNN::dnnl)
  add_library(oneDNN::dnnl UNKNOWN IMPORTED)
  set_target_properties(oneDNN::dnnl PROPERTIES IMPORTED_LOCATION "${oneDNN_LIBRARY}"
                                                INTERFACE_INCLUDE_DIRECTORIES
                                                "${oneDNN_INCLUDE_DIR}")
endif()

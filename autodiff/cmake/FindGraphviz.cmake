# Finds the C libraries of Graphviz: the target Graphviz::gvc (layout and output, with cgraph). Set
# CMAKE_PREFIX_PATH to search further places.

find_path(Graphviz_INCLUDE_DIR gvc.h PATH_SUFFIXES graphviz)
find_library(Graphviz_gvc_LIBRARY gvc)
find_library(Graphviz_cgraph_LIBRARY cgraph)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Graphviz REQUIRED_VARS Graphviz_gvc_LIBRARY
                                                         Graphviz_cgraph_LIBRARY
                                                         Graphviz_INCLUDE_DIR)
mark_as_advanced(Graphviz_INCLUDE_DIR Graphviz_gvc_LIBRARY Graphviz_cgraph_LIBRARY)

if(Graphviz_FOUND AND NOT TARGET Graphviz::gvc)
  add_library(Graphviz::gvc UNKNOWN IMPORTED)
  set_target_properties(
    Graphviz::gvc
    PROPERTIES IMPORTED_LOCATION "${Graphviz_gvc_LIBRARY}"
               INTERFACE_LINK_LIBRARIES "${Graphviz_cgraph_LIBRARY}"
               INTERFACE_INCLUDE_DIRECTORIES "${Graphviz_INCLUDE_DIR}")
endif()

# The packages for other projects: chainrule for find_package(), and one file for pkg-config per
# library.

include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/chainrule")
set(cmake_dir "${CMAKE_CURRENT_LIST_DIR}")
set(is_shared OFF)
if(BUILD_SHARED_LIBS)
  set(is_shared ON)
endif()

install(EXPORT chainruleTargets NAMESPACE chainrule:: DESTINATION "${package_dir}")
configure_package_config_file("${cmake_dir}/chainruleConfig.cmake.in"
                              "${PROJECT_BINARY_DIR}/chainruleConfig.cmake"
                              INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/chainruleConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/chainruleConfig.cmake"
              "${PROJECT_BINARY_DIR}/chainruleConfigVersion.cmake"
              "${cmake_dir}/FindGraphviz.cmake" "${cmake_dir}/FindoneDNN.cmake"
        DESTINATION "${package_dir}")

# Relative to the folder of these files, so that an installation can be moved.
set(prefix "${CMAKE_INSTALL_PREFIX}")
set(libdir "${CMAKE_INSTALL_LIBDIR}")
if(NOT IS_ABSOLUTE "${libdir}")
  file(RELATIVE_PATH to_prefix "/prefix/${libdir}/pkgconfig" "/prefix")
  set(prefix "\${pcfiledir}/${to_prefix}")
  set(libdir "\${prefix}/${libdir}")
endif()

# Writes chainrule-<name>.pc. A program that links with the static library also needs what is in
# `private`.
function(chainrule_pkg_config name description)
  cmake_parse_arguments(PARSE_ARGV 2 pc "" "" "REQUIRES;PRIVATE_REQUIRES;PRIVATE_LIBS")
  list(JOIN pc_REQUIRES ", " requires)
  list(JOIN pc_PRIVATE_REQUIRES ", " private_requires)
  list(JOIN pc_PRIVATE_LIBS " " private_libs)
  set(libs "-L\${libdir} -lchainrule_${name}")
  if(NOT BUILD_SHARED_LIBS)  # then `pkg-config --libs` is enough, without --static
    string(APPEND libs " ${private_libs}")
    set(private_libs "")
    if(private_requires AND requires)
      string(APPEND requires ", ${private_requires}")
    elseif(private_requires)
      set(requires "${private_requires}")
    endif()
    set(private_requires "")
  endif()
  configure_file("${cmake_dir}/chainrule.pc.in" "${PROJECT_BINARY_DIR}/chainrule-${name}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/chainrule-${name}.pc"
          DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endfunction()

set(zlib "")
if(CHAINRULE_HAS_ZLIB)
  set(zlib zlib)
endif()
set(libraries "")
if(CHAINRULE_HAS_ONEDNN)
  list(APPEND libraries "${oneDNN_LIBRARY}" ${OpenMP_CXX_FLAGS})
endif()
set(graphviz "")
if(CHAINRULE_HAS_GRAPHVIZ)
  set(graphviz libgvc libcgraph)
endif()

chainrule_pkg_config(scalars "Automatic differentiation of numbers" REQUIRES fmt PRIVATE_LIBS
                     -pthread)
chainrule_pkg_config(autodiff "Automatic differentiation of numbers and tensors" REQUIRES
                     chainrule-scalars PRIVATE_REQUIRES ${zlib} PRIVATE_LIBS ${libraries})
chainrule_pkg_config(pictures "Pictures of the graphs of chainrule" REQUIRES chainrule-scalars
                     PRIVATE_REQUIRES ${graphviz})
if(CHAINRULE_NN)
  chainrule_pkg_config(nn "Neural networks on top of chainrule" REQUIRES chainrule-autodiff
                       PRIVATE_REQUIRES ${zlib})
endif()

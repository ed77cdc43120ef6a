# chainrule_sources(<variable> <root> <pattern>...): the files under root whose names match and that
# git tracks or would add; all matching files if git is not available. Paths are relative to root.
function(chainrule_sources variable root)
  find_program(GIT git)
  set(result 1)
  if(GIT AND EXISTS "${root}/.git")
    execute_process(
      COMMAND "${GIT}" -c core.quotepath=off -c "safe.directory=${root}" ls-files --cached --others
              --exclude-standard -- ${ARGN}
      WORKING_DIRECTORY "${root}"
      OUTPUT_VARIABLE listing
      RESULT_VARIABLE result
      OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    string(REPLACE "\n" ";" files "${listing}")
  endif()
  if(NOT result EQUAL 0)
    set(files "")
    foreach(folder autodiff nn examples tests)
      list(TRANSFORM ARGN PREPEND "${root}/${folder}/" OUTPUT_VARIABLE patterns)
      file(GLOB_RECURSE found RELATIVE "${root}" ${patterns})
      list(APPEND files ${found})
    endforeach()
  endif()

  set(present "")
  foreach(file IN LISTS files)
    if(EXISTS "${root}/${file}")
      list(APPEND present "${file}")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES present)
  if(NOT present)
    message(FATAL_ERROR "No source files found under ${root}")
  endif()
  set(${variable} "${present}" PARENT_SCOPE)
endfunction()

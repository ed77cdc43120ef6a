# Compiles and runs the programs in the documents.
#
# In README.md and docs/*.md every block
#
#   ```cpp
#   // file: <name>.cpp
#   ...
#   ```
#
# is a complete program. Its expected output is the next ```text block, if only blank lines are in
# between or if the block follows a line `<!-- output -->` before the next program.
#
# A page of many short examples can make one program of them, which compiles faster. After a comment
#
#   <!-- program: <name>
#   #include <...>
#   -->
#
# each block ```cpp without a file name is the body of a function; the program calls them in order.
# Its expected output is that of all the ```text blocks that follow such a block directly.

file(GLOB documents CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/README.md"
     "${PROJECT_SOURCE_DIR}/docs/*.md")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${documents})
set(snippets_dir "${PROJECT_BINARY_DIR}/snippets")

# Does not touch an unchanged file, so that nothing is recompiled.
function(write_if_different file text)
  if(EXISTS "${file}")
    file(READ "${file}" old)
    if("${old}" STREQUAL "${text}")
      return()
    endif()
  endif()
  file(WRITE "${file}" "${text}")
endfunction()

# The options of the programs.
function(chainrule_snippet_options target)
  chainrule_own_code(${target})
  target_link_libraries(${target} PRIVATE chainrule::nn chainrule::pictures)
  target_compile_options(${target} PRIVATE -O0)  # compiling takes longer than running
  # Documents declare names for illustration that they do not use.
  target_compile_options(${target} PRIVATE -Wno-unused)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12 wrongly reports std::function members of options in nested braces as uninitialised when
    # they are destroyed.
    target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)
  endif()
  chainrule_precompile(${target} snippet_precompiled <autodiff/autodiff.hpp> <nn/nn.hpp>)
endfunction()

file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/empty_program.cpp" CONTENT "int main() {}\n")
add_executable(snippet_precompiled "${CMAKE_CURRENT_BINARY_DIR}/empty_program.cpp")
chainrule_snippet_options(snippet_precompiled)

function(add_snippet document name code expected)
  if(TARGET snippet_${name})
    message(FATAL_ERROR "${document}: there is more than one program ${name}.cpp in the documents")
  endif()
  if("${code}" MATCHES "#include <(autodiff/eigen.hpp|Eigen/)" AND NOT TARGET Eigen3::Eigen)
    message(STATUS "Program ${name} in the documents is skipped, because Eigen was not found")
    return()
  endif()
  write_if_different("${snippets_dir}/${name}.cpp" "${code}")
  add_executable(snippet_${name} "${snippets_dir}/${name}.cpp")
  chainrule_snippet_options(snippet_${name})
  if("${code}" MATCHES "#include <(autodiff/eigen.hpp|Eigen/)")
    target_link_libraries(snippet_${name} PRIVATE Eigen3::Eigen)
  endif()

  set(expected_file "")
  if(NOT "${expected}" STREQUAL "")
    set(expected_file "${snippets_dir}/${name}.txt")
    write_if_different("${expected_file}" "${expected}")
  endif()
  chainrule_compare_output(snippet.${name} PROGRAM snippet_${name} EXPECTED "${expected_file}")
endfunction()

# Sets `result` to the text block at the start of `text`, if only blank lines are before it, else to
# nothing.
function(text_block_of text result)
  set(${result} "" PARENT_SCOPE)
  if("${text}" MATCHES "^\n*```text\n")
    string(LENGTH "${CMAKE_MATCH_0}" start)
    string(SUBSTRING "${text}" ${start} -1 text)
    string(FIND "\n${text}" "\n```" length)
    if(length EQUAL -1)
      message(FATAL_ERROR "${document}: the output of ${name} has no end")
    endif()
    string(SUBSTRING "${text}" 0 ${length} block)
    set(${result} "${block}" PARENT_SCOPE)
  endif()
endfunction()

# The program of short examples: its name, or nothing.
set(program "")
# Adds the program of short examples, if there is one.
macro(end_program)
  if(NOT "${program}" STREQUAL "")
    set(program_code "${program_head}\nusing namespace chainrule;\n${program_parts}\nint main() {\n")
    string(APPEND program_code "${program_calls}}\n")
    add_snippet("${document}" "${program}" "${program_code}" "${program_output}")
  endif()
  set(program "")
endmacro()

foreach(document IN LISTS documents)
  file(READ "${document}" rest)
  string(REPLACE "\r\n" "\n" rest "\n${rest}")
  while(TRUE)
    string(FIND "${rest}" "\n```cpp\n" start)
    if(start EQUAL -1)
      break()
    endif()
    string(SUBSTRING "${rest}" 0 ${start} before)
    math(EXPR start "${start} + 8")
    string(SUBSTRING "${rest}" ${start} -1 rest)
    string(FIND "${rest}" "\n```" length)
    if(length EQUAL -1)
      message(FATAL_ERROR "${document}: a code block has no end")
    endif()
    math(EXPR length "${length} + 1")
    string(SUBSTRING "${rest}" 0 ${length} code)
    math(EXPR length "${length} + 3")
    string(SUBSTRING "${rest}" ${length} -1 rest)

    if("${before}" MATCHES "\n<!-- program: ([A-Za-z0-9_]+)\n")
      set(next_program "${CMAKE_MATCH_1}")
      string(FIND "${before}" "${CMAKE_MATCH_0}" start)
      string(LENGTH "${CMAKE_MATCH_0}" length)
      math(EXPR start "${start} + ${length}")
      string(SUBSTRING "${before}" ${start} -1 before)
      string(FIND "${before}" "-->" length)
      end_program()
      string(SUBSTRING "${before}" 0 ${length} program_head)
      set(program "${next_program}")
      set(program_parts "")
      set(program_calls "")
      set(program_output "")
      set(part 0)
    endif()

    if(NOT "${code}" MATCHES "^// file: ([A-Za-z0-9_]+)\\.cpp\n")
      if(NOT "${program}" STREQUAL "")
        set(name "${program}")
        math(EXPR part "${part} + 1")
        string(APPEND program_parts "\nvoid part_${part}() {\n${code}}\n")
        string(APPEND program_calls "  part_${part}();\n")
        text_block_of("${rest}" output)
        string(APPEND program_output "${output}")
      endif()
      continue()
    endif()
    set(name "${CMAKE_MATCH_1}")

    # The text before the next program.
    string(FIND "${rest}" "\n```cpp\n" end)
    string(SUBSTRING "${rest}" 0 ${end} between)
    string(FIND "${between}" "\n<!-- output -->\n" marked)
    if(NOT marked EQUAL -1)
      math(EXPR marked "${marked} + 16")
      string(SUBSTRING "${between}" ${marked} -1 between)
    endif()
    text_block_of("${between}" expected)
    if("${expected}" STREQUAL "" AND NOT marked EQUAL -1)
      message(FATAL_ERROR "${document}: no text block after the output mark of ${name}.cpp")
    endif()
    add_snippet("${document}" "${name}" "${code}" "${expected}")
  endwhile()
  end_program()
endforeach()

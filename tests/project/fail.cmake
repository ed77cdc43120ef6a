# Ends a check with a failure. Prints the text unchanged: message(FATAL_ERROR) would wrap its lines.
function(check_fail text)
  message("${text}")
  message(FATAL_ERROR "failed, see above")
endfunction()

# Runs a command in the folder WORK. Ends the check with the output of a command that fails.
function(check_run)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${WORK}" RESULT_VARIABLE result
                  OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    check_fail("${command}: ${result}\n${output}")
  endif()
endfunction()

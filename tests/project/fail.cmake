# Ends a check with a failure. Prints the text unchanged: message(FATAL_ERROR) would wrap its lines.
function(check_fail text)
  message("${text}")
  message(FATAL_ERROR "failed, see above")
endfunction()

# Ends a check. The text is shown as it is: message(FATAL_ERROR) alone would wrap its lines.
function(check_fail text)
  message("${text}")
  message(FATAL_ERROR "failed, see above")
endfunction()

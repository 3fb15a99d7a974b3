// What bundle.sh made, as it is: no copy of it in C. NAME and NAME_end are the first byte and the one behind the last.
#ifdef __CET__
#include <cet.h>
#endif

.macro embedded name, file
  .global \name, \name\()_end
  .type \name, %object
\name:
  .incbin "\file"
\name\()_end:
  .size \name, . - \name
.endm

.section .rodata
embedded hublink_console_page, "index.html.gz"
embedded hublink_console_script, "console.js.gz"
embedded hublink_console_style, "console.css.gz"
embedded hublink_console_licences, "licences.txt.gz"

.section .note.GNU-stack, "", %progbits

#pragma once

/* Ends the process with a line if a thread could not be made: most likely it is the reason for an abort. */
void fail_if_thread_is_missing(void);

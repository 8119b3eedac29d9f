#pragma once

/* Ends the process with a line if a thread could not be created: that is the most likely reason for an abort. */
void fail_if_thread_is_missing(void);

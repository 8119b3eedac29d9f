#pragma once

#include <asm/siginfo.h>

/* The C library reserves this signal for pthread_cancel(3), which nobody calls. So Node leaves it alone. */
#define TICK_SIGNAL 32

/*
 * Runs a handler on the calling thread every second, on the stack for faults. A later call replaces the handler.
 *
 * @return the timer or -errno
 */
long start_ticking(void (*on_tick)(int signal, siginfo_t *info, void *context));

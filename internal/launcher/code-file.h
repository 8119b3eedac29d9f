#pragma once

#include <stddef.h>

/*
 * Files without a name, from which code can be executed. If policies forbid that for files in memory, the directory of
 * the executable is used, which in a Pod is a volume for executables, and then /tmp. The files must not hold secrets.
 */
enum place { IN_MEMORY, BESIDE_EXECUTABLE, IN_TMP, PLACES };

/* Returns a descriptor that execve(2) closes, or -errno. */
long create_code_file(enum place place, const char *name);

/* Appends. Returns 0 or -errno. */
long write_code_file(int file, const void *bytes, size_t size);

/* Checks that the loader can open the file by its name in LD_PRELOAD, and execute from it. Returns 0 or -errno. */
long try_code_file(int file);

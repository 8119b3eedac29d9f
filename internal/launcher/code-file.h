#pragma once

#include <stddef.h>

/*
 * Files without a name, from which code can be executed. Where policies forbid that for files in memory, the directory
 * of the executable takes their place, which in a Pod is a volume for executables, and then /tmp. Nothing secret may be
 * in them.
 */
enum place { IN_MEMORY, BESIDE_EXECUTABLE, IN_TMP, PLACES };

/* Returns a descriptor that execve(2) closes, or -errno. */
long create_code_file(enum place place, const char *name);

/* Appends. Returns 0 or -errno. */
long write_code_file(int file, const void *bytes, size_t size);

/* Whether the loader can open the file as LD_PRELOAD names it, and execute from it. Returns 0 or -errno. */
long try_code_file(int file);

#pragma once

#include <stddef.h>

enum memory_file_use { MEMORY_FILE_DATA, MEMORY_FILE_CODE };

/* A memfd that is closed by execve(2); gives up when there can be none. */
int create_memory_file(const char *name, enum memory_file_use use);

/* Appends to it. */
void write_memory_file(int file, const void *bytes, size_t size);

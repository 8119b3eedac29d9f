#pragma once

#include <stddef.h>

enum memory_file_use { MEMORY_FILE_DATA, MEMORY_FILE_CODE };

/* A memfd that execve(2) closes. Ends the process if it cannot be made. */
int create_memory_file(const char *name, enum memory_file_use use);

/* Appends to it. */
void write_memory_file(int file, const void *bytes, size_t size);

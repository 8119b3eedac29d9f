#pragma once

#include <stddef.h>
#include <stdint.h>

/* A line under construction. Text that does not fit is left out. */
struct text {
  size_t length;
  char bytes[1024];
};

size_t length_of(const char *string);
int is_equal(const char *a, const char *b);
int starts_with(const char *string, const char *prefix);

int parse_descriptor(const char *digits); /* -1 if there is anything but digits */

void add_string(struct text *text, const char *string);
void add_line(struct text *text, const char *line); /* up to its end, without the newline */
void add_decimal(struct text *text, uint64_t number);
void add_hex64(struct text *text, uint64_t number); /* always 16 digits */
void add_descriptor_path(struct text *text, int file); /* in /proc/self/fd */

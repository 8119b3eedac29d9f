#include "text.h"

/* gcc(1), -ffreestanding: the compiler may call these four even without a libc. */
void *memcpy(void *to, const void *from, size_t size) {
  char *d = to;
  const char *s = from;
  while (size--) *d++ = *s++;
  return to;
}

void *memset(void *at, int value, size_t size) {
  char *d = at;
  while (size--) *d++ = (char)value;
  return at;
}

size_t length_of(const char *string) {
  size_t length = 0;
  while (string[length]) length++;
  return length;
}

int is_equal(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

int starts_with(const char *string, const char *prefix) {
  while (*prefix && *string == *prefix) string++, prefix++;
  return !*prefix;
}

int parse_descriptor(const char *digits) {
  int number = 0;
  for (; *digits; digits++) {
    if (*digits < '0' || *digits > '9') return -1;
    number = number * 10 + (*digits - '0');
  }
  return number;
}

void add_string(struct text *text, const char *string) {
  while (*string && text->length < sizeof text->bytes - 1) text->bytes[text->length++] = *string++;
  text->bytes[text->length] = 0;
}

void add_line(struct text *text, const char *line) {
  for (; *line && *line != '\n'; line++) add_string(text, (char[2]){*line, 0});
}

void add_decimal(struct text *text, uint64_t number) {
  char digits[21];
  char *first = digits + sizeof digits - 1;
  *first = 0;
  do *--first = (char)('0' + number % 10);
  while (number /= 10);
  add_string(text, first);
}

void add_hex64(struct text *text, uint64_t number) {
  for (int shift = 60; shift >= 0; shift -= 4) {
    char digit[2] = {"0123456789abcdef"[number >> shift & 15], 0};
    add_string(text, digit);
  }
}

void add_descriptor_path(struct text *text, int file) {
  add_string(text, "/proc/self/fd/");
  add_decimal(text, (uint64_t)file);
}

#pragma once

#include "../text.h"

/* Adds what Node has written to stderr since its start, as a quotation on one line, if there is anything. */
void add_said(struct text *line);

int is_start_over(void);

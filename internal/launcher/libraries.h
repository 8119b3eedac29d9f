#pragma once

#include "text.h"
#include "trailer.h"

/*
 * Copies the libraries into memory files and lists their paths as LD_PRELOAD wants them (ld.so(8)). The loader takes a
 * library that is there already for whoever needs its name, so it searches no folder of the image. Checks the loader
 * as well, which is mapped from the file.
 */
void copy_libraries(int file, const struct trailer *trailer, struct text *preload);

#pragma once

#include "text.h"
#include "trailer.h"

/*
 * Copies the libraries into files without a name (code-file.h) and lists their paths for LD_PRELOAD (ld.so(8)). The
 * loader uses an already loaded library for everything that needs its name, so it does not search the image's folders.
 * This also checks the loader, which is mapped from the file.
 */
void copy_libraries(int file, const struct trailer *trailer, struct text *preload);

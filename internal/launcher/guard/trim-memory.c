#include <linux/auxvec.h>

#include "../syscalls.h"
#include "c-library.h"
#include "guard.h"

/*
 * The start uses several times more code and constants than an idle process. All used pages stay in the process's
 * resident set until memory is needed elsewhere. This releases them. If a page is needed again, it comes from the page
 * cache.
 */

/* madvise(2): a segment that was never writable has the same bytes as the file. */
static int let_go(struct dl_phdr_info *object, size_t size, void *data) {
  uint64_t page_mask = ~(*(const uint64_t *)data - 1);
  (void)size;
  for (const Elf64_Phdr *segment = object->headers; segment < object->headers + object->header_count; segment++) {
    if (segment->p_type != PT_LOAD || segment->p_flags & PF_W) continue;
    uint64_t start = (object->bias + segment->p_vaddr + ~page_mask) & page_mask;
    uint64_t end = (object->bias + segment->p_vaddr + segment->p_memsz) & page_mask;
    if (start < end) sys_madvise((void *)start, end - start, MADV_DONTNEED);
  }
  return 0;
}

void trim_memory(void) {
  uint64_t page_size = getauxval(AT_PAGESZ);
  dl_iterate_phdr(let_go, &page_size);
}

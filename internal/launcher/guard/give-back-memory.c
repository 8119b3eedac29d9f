/*
 * The loader has mapped the libraries from the launcher's copies in memory. These cannot be paged out. The executable
 * has the same pages of code and constants. Now these pages are mapped from the executable, at the same addresses. The
 * copies keep only the pages with variables, so the other pages no longer count against the container's limit.
 */

#include <linux/auxvec.h>
#include <linux/falloc.h>

#include "../text.h"
#include "../trailer.h"
#include "c-library.h"

static const char copies[] = "/proc/self/fd/";

struct progress {
  int executable;
  uint64_t page_size;
  struct trailer trailer;
  uint64_t next_part;
};

/* The loader lists the libraries in the order of LD_PRELOAD. The table has the same order. */
static const struct part *next_library(struct progress *progress) {
  while (progress->next_part < progress->trailer.part_count) {
    const struct part *part = &progress->trailer.parts[progress->next_part++];
    if (part->kind == PART_LIBRARY) return part;
  }
  return 0;
}

static uint64_t page_down(const struct progress *progress, uint64_t address) {
  return address & ~(progress->page_size - 1);
}

static uint64_t page_up(const struct progress *progress, uint64_t address) {
  return page_down(progress, address + progress->page_size - 1);
}

static void map_from_executable(const struct progress *progress, const struct dl_phdr_info *library,
                                const Elf64_Phdr *segment, const struct part *part) {
  uint64_t start = page_down(progress, library->bias + segment->p_vaddr);
  uint64_t end = page_up(progress, library->bias + segment->p_vaddr + segment->p_filesz);
  uint64_t offset = part->offset + page_down(progress, segment->p_offset);
  int protection = PROT_READ | (segment->p_flags & PF_X ? PROT_EXEC : 0);
  sys_mmap((void *)start, end - start, protection, MAP_PRIVATE | MAP_FIXED, progress->executable, offset);
}

/* Whether the loader has really mapped this part. A mapping from another place must not be replaced. */
static int is_copy_of(int copy, const struct part *part) {
  return sys_lseek(copy, 0, SEEK_END) == (long)part->size;
}

/* fallocate(2) frees the pages and leaves a hole. The hole is never read. */
static void free_pages(int copy, uint64_t start, uint64_t end) {
  if (start < end) sys_fallocate(copy, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, start, end - start);
}

static int give_back(struct dl_phdr_info *library, size_t size, void *data) {
  struct progress *progress = data;
  (void)size;
  if (!starts_with(library->name, copies)) return 0;
  const struct part *part = next_library(progress);
  int copy = parse_descriptor(library->name + sizeof copies - 1);
  if (!part || !is_copy_of(copy, part)) return 1;
  uint64_t freed = 0;
  for (const Elf64_Phdr *segment = library->headers; segment < library->headers + library->header_count; segment++) {
    if (segment->p_type != PT_LOAD) continue;
    if (segment->p_flags & PF_W) {
      free_pages(copy, freed, page_down(progress, segment->p_offset));
      freed = page_up(progress, segment->p_offset + segment->p_filesz);
    } else {
      map_from_executable(progress, library, segment, part);
    }
  }
  free_pages(copy, freed, page_up(progress, part->size));
  sys_close(copy);
  return 0;
}

__attribute__((constructor)) static void give_back_memory(void) {
  struct progress progress = {.page_size = getauxval(AT_PAGESZ)};
  progress.executable = (int)sys_open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (progress.executable < 0) return;
  long size = sys_lseek(progress.executable, 0, SEEK_END);
  uint64_t offset = (uint64_t)size - sizeof progress.trailer;
  long count = sys_pread(progress.executable, &progress.trailer, sizeof progress.trailer, offset);
  if (count == sizeof progress.trailer) dl_iterate_phdr(give_back, &progress);
  sys_close(progress.executable);
}

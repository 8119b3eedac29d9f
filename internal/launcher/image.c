#include "image.h"

#include <linux/elf.h>

#include "report.h"
#include "text.h"

enum { MAX_HEADERS = 32 };

struct elf {
  int file;
  const struct part *part;
  uint64_t page_size;
  int bounds_read_ahead;
  uint64_t bias;
  uint64_t mapped_end;    /* of the last segment that was mapped, in whole pages */
  const Elf64_Phdr *last;
  Elf64_Ehdr header;
  Elf64_Phdr segments[MAX_HEADERS];
};

static uint64_t page_down(const struct elf *elf, uint64_t address) {
  return address & ~(elf->page_size - 1);
}

static uint64_t page_up(const struct elf *elf, uint64_t address) {
  return page_down(elf, address + elf->page_size - 1);
}

static _Noreturn void fail(const struct elf *elf, const char *what, long error) {
  struct text line = {0};
  add_string(&line, what);
  add_string(&line, elf->part->name);
  add_string(&line, " of");
  give_up_on_file(line.bytes, error, error == -ENOMEM ? "look at the memory limits" : 0);
}

static void read_part(const struct elf *elf, uint64_t at, void *to, uint64_t size) {
  if (at > elf->part->size || size > elf->part->size - at) fail(elf, "a header points outside of the part ", 0);
  long count = sys_pread(elf->file, to, size, elf->part->offset + at);
  if (count < 0) fail(elf, "cannot read the headers of the part ", count);
  if ((uint64_t)count != size) fail(elf, "cannot read all headers of the part ", 0);
}

static void read_headers(struct elf *elf) {
  read_part(elf, 0, &elf->header, sizeof elf->header);
  if (!starts_with((char *)elf->header.e_ident, ELFMAG) || elf->header.e_phentsize != sizeof(Elf64_Phdr) ||
      elf->header.e_phnum > MAX_HEADERS) {
    fail(elf, "there is no ELF file in the part ", 0);
  }
  read_part(elf, elf->header.e_phoff, elf->segments, elf->header.e_phnum * sizeof(Elf64_Phdr));
}

static int protection_of(const Elf64_Phdr *segment) {
  return (segment->p_flags & PF_R ? PROT_READ : 0) | (segment->p_flags & PF_W ? PROT_WRITE : 0) |
         (segment->p_flags & PF_X ? PROT_EXEC : 0);
}

/* The most bytes to read ahead of a fault. Disks read this size in one request. */
enum { PIECE_SIZE = 512 * 1024 };

/*
 * For a fault in a file, the kernel reads the device's whole read-ahead window. In a small container each window would
 * evict the previous one, and the start would take extremely long (docs/decisions/start-up-time.md). So data is read
 * page by page: MADV_RANDOM in madvise(2). Newer kernels ignore this for program text, but they never read beyond the
 * end of a mapping. MADV_DONTDUMP on every other piece makes each piece a mapping of its own. It has no other effect,
 * because the process is not dumpable. With enough memory none of this is done: whole windows are faster, and each
 * mapping costs time, also when Node reads /proc/self/maps.
 */
static void limit_read_ahead(uint64_t at, uint64_t size, const Elf64_Phdr *segment) {
  if (!(segment->p_flags & PF_X)) {
    sys_madvise((void *)at, size, MADV_RANDOM);
    return;
  }
  for (uint64_t piece = 0; piece < size; piece += 2 * PIECE_SIZE) {
    uint64_t rest = size - piece;
    sys_madvise((void *)(at + piece), rest < PIECE_SIZE ? rest : PIECE_SIZE, MADV_DONTDUMP);
  }
}

/* mmap(2): for kernels before 4.17, MAP_FIXED_NOREPLACE is only a hint, and they may return another address. */
static void map_at(const struct elf *elf, uint64_t at, uint64_t size, const Elf64_Phdr *segment, int flags,
                   uint64_t offset) {
  flags |= elf->bias ? MAP_FIXED : MAP_FIXED_NOREPLACE;
  int file = flags & MAP_ANONYMOUS ? -1 : elf->file;
  long result = sys_mmap((void *)at, size, protection_of(segment), MAP_PRIVATE | flags, file, offset);
  if (is_error(result)) fail(elf, "cannot map the part ", result);
  if ((uint64_t)result != at) fail(elf, "cannot map the part ", -EEXIST);
  if (file >= 0 && elf->bounds_read_ahead) limit_read_ahead(at, size, segment);
}

/*
 * A segment that was added after linking, like the one with the JavaScript, may begin in the last page of the segment
 * before it, if pages are larger than 4 KiB. That page is already mapped, if it came from the same place in the file.
 */
static uint64_t shared_with_last(const struct elf *elf, const Elf64_Phdr *segment, uint64_t first_page) {
  if (elf->mapped_end <= first_page) return 0;
  const Elf64_Phdr *last = elf->last;
  if (segment->p_vaddr - segment->p_offset != last->p_vaddr - last->p_offset || segment->p_flags & ~last->p_flags) {
    fail(elf, "the kernel's pages are too large for the part ", 0);
  }
  return elf->mapped_end - first_page;
}

/* The kernel zeroes a writable segment from the end of its bytes to the end of the page. The loader relies on that. */
static void zero_rest_of_page(const struct elf *elf, const Elf64_Phdr *segment, uint64_t end_of_page) {
  uint64_t end = end_of_page;
  const Elf64_Phdr *behind = elf->segments + elf->header.e_phnum;
  for (const Elf64_Phdr *next = segment + 1; next < behind; next++) {
    if (next->p_type == PT_LOAD && elf->bias + next->p_vaddr < end) end = elf->bias + next->p_vaddr;
  }
  for (char *at = (char *)(elf->bias + segment->p_vaddr + segment->p_filesz); at < (char *)end; at++) *at = 0;
}

/* elf(5), PT_LOAD: bytes from the file, then zeros up to the size in memory. */
static void map_segment(struct elf *elf, const Elf64_Phdr *segment) {
  uint64_t start = elf->bias + segment->p_vaddr;
  uint64_t first_page = page_down(elf, start);
  uint64_t end_of_file_pages = page_up(elf, start + segment->p_filesz);
  uint64_t end = page_up(elf, start + segment->p_memsz);
  uint64_t offset = elf->part->offset + segment->p_offset - (start - first_page);
  uint64_t shared = shared_with_last(elf, segment, first_page);
  if (offset % elf->page_size) fail(elf, "the kernel's pages are too large for the part ", 0);
  if (first_page + shared < end_of_file_pages) {
    map_at(elf, first_page + shared, end_of_file_pages - first_page - shared, segment, 0, offset + shared);
  }
  if (segment->p_flags & PF_W) zero_rest_of_page(elf, segment, end_of_file_pages);
  if (end > end_of_file_pages) map_at(elf, end_of_file_pages, end - end_of_file_pages, segment, MAP_ANONYMOUS, 0);
  elf->mapped_end = end;
  elf->last = segment;
}

/* One range for all segments of a shared object, so nothing else is mapped between them. */
static uint64_t reserve(const struct elf *elf) {
  uint64_t end = 0;
  for (int i = 0; i < elf->header.e_phnum; i++) {
    const Elf64_Phdr *segment = &elf->segments[i];
    if (segment->p_type == PT_LOAD) end = segment->p_vaddr + segment->p_memsz;
  }
  long at = sys_mmap(0, page_up(elf, end), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (is_error(at)) fail(elf, "cannot map the part ", at);
  return (uint64_t)at;
}

/* The address of the program headers in memory: AT_PHDR, see getauxval(3). */
static uint64_t headers_in_memory(const struct elf *elf) {
  uint64_t at = elf->header.e_phoff;
  for (int i = 0; i < elf->header.e_phnum; i++) {
    const Elf64_Phdr *segment = &elf->segments[i];
    if (segment->p_type == PT_LOAD && at >= segment->p_offset && at - segment->p_offset < segment->p_filesz) {
      return elf->bias + segment->p_vaddr + at - segment->p_offset;
    }
  }
  fail(elf, "no segment holds the program headers of the part ", 0);
}

void map_image(int file, const struct part *part, uint64_t page_size, int bounds_read_ahead, struct image *image) {
  struct elf elf = {.file = file, .part = part, .page_size = page_size, .bounds_read_ahead = bounds_read_ahead};
  read_headers(&elf);
  if (elf.header.e_type == ET_DYN) elf.bias = reserve(&elf);
  for (int i = 0; i < elf.header.e_phnum; i++) {
    if (elf.segments[i].p_type == PT_LOAD) map_segment(&elf, &elf.segments[i]);
  }
  image->bias = elf.bias;
  image->entry = elf.bias + elf.header.e_entry;
  image->headers = headers_in_memory(&elf);
  image->header_count = elf.header.e_phnum;
}

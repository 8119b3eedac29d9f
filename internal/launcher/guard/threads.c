#include "threads.h"

#include "../report.h"
#include "c-library.h"
#include "watch-start.h"

/*
 * This is preloaded into Node. If a thread cannot be created, Node's start aborts or waits for ever, without a message,
 * and so does libuv later. The launcher has checked that enough can be created, but others may have used them since.
 */

EXPORTED int pthread_create(void *thread, const void *attributes, void *start, void *argument);

typedef int (*create)(void *thread, const void *attributes, void *start, void *argument);

static int last_error;

static _Noreturn void fail(void) {
  give_up("cannot make a thread", -last_error, LOOK_AT_PROCESSES);
}

/* pthread_create(3): the result is an error number. After the start, Node can do without some threads. */
int pthread_create(void *thread, const void *attributes, void *start, void *argument) {
  static create next;
  if (!next) next = (create)dlsym(RTLD_NEXT, "pthread_create");
  int error = next(thread, attributes, start, argument);
  if (error) {
    last_error = error;
    if (!is_start_over()) fail();
  }
  return error;
}

void fail_if_thread_is_missing(void) {
  if (last_error) fail();
}

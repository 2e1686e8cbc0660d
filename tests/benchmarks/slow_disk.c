/* A disk whose every flush takes its time, and is counted: LD_PRELOAD this into a program.

   FLUSHES names a file of eight bytes, in which they are counted; FLUSH_MICROSECONDS says how long
   each takes. Both are read as the program is loaded, before it gives up what it does not need. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static unsigned long *flushes;
static useconds_t takes;

__attribute__((constructor)) static void begin(void) {
  const char *file = getenv("FLUSHES"), *microseconds = getenv("FLUSH_MICROSECONDS");
  int handle = file ? open(file, O_RDWR | O_CLOEXEC) : -1;
  if (handle >= 0) {
    void *place = mmap(0, 8, PROT_READ | PROT_WRITE, MAP_SHARED, handle, 0);
    if (place != MAP_FAILED) flushes = place;
    close(handle);
  }
  takes = microseconds ? atoi(microseconds) : 0;
}

static int flush(const char *name, int handle) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  if (flushes) __atomic_add_fetch(flushes, 1, __ATOMIC_RELAXED);
  if (takes) usleep(takes);
  return real(handle);
}

int fsync(int handle) { return flush("fsync", handle); }
int fdatasync(int handle) { return flush("fdatasync", handle); }

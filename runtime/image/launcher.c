/*
 * The entry point of an image: tini as the init process, and below it Node with the runtime.
 *
 * A static program and not a shell script, since a worker's image need not have a shell; and Node comes with its own
 * loader and C library, since the image may have another libc (Alpine), or an older one. Nothing of this is in the
 * environment, so that the worker does not inherit it.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOME "/opt/agent-runtime"

/*
 * tini -s: orphans of the worker come to tini also where it is not process 1. Never -g: the worker gets one SIGTERM.
 * The semi-space: what is young is not counted in the old space, and grew to 134 MB while 100,000 campaigns were read.
 */
static char *const before[] = {
    HOME "/tini", "-s", "--",
    HOME "/lib/ld.so", "--library-path", HOME "/lib",
    HOME "/node", "--max-old-space-size=64", "--max-semi-space-size=8", "--disable-sigusr1",
    HOME "/agent-runtime.cjs",
};
enum { BEFORE = sizeof before / sizeof *before };

/*
 * What the worker's image says to its own loader, Node and OpenSSL. Ours are others: with a library that does not fit,
 * or an option that it does not know, the runtime would not start. Kept under names of our own until the worker starts
 * (runtime/worker-environment.ts). LD_LIBRARY_PATH stays: our loader does not read it beside --library-path.
 */
static const char *const workers[] = {
    "LD_PRELOAD", "LD_AUDIT", "NODE_OPTIONS", "OPENSSL_CONF",
};
#define KEPT "_AGENT_RUNTIME_WORKERS_"

/* 0 when done, as for setenv. */
static int set_aside(const char *name) {
  const char *value = getenv(name);
  char kept[64];
  if (value == NULL) return 0;
  snprintf(kept, sizeof kept, KEPT "%s", name);
  return setenv(kept, value, 1) == 0 ? unsetenv(name) : -1;
}

int main(int argc, char **argv) {
  char **command = calloc((size_t)argc + BEFORE, sizeof *command);
  int failed = command == NULL;
  for (size_t i = 0; i < sizeof workers / sizeof *workers; i++) failed |= set_aside(workers[i]) != 0;
  if (failed) {
    fputs("agent-runtime: no memory\n", stderr);
    return 126;
  }
  memcpy(command, before, sizeof before);
  for (int i = 1; i < argc; i++) command[BEFORE + i - 1] = argv[i];
  execv(command[0], command);
  int code = errno == ENOENT ? 127 : 126;
  fprintf(stderr, "agent-runtime: %s: %s\n", command[0], strerror(errno));
  return code;
}

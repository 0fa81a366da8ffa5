/*
 * The entry point of an image: tini as the init process, and below it Node with the runtime.
 *
 * A static program and not a shell script, since a worker's image need not have a shell; and Node comes with its own
 * loader and C library, since the image may have another libc (Alpine), or an older one. Nothing of this is in the
 * environment, so that the worker does not inherit it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOME "/opt/agent-runtime"

/* tini -s: orphans of the worker come to tini also where it is not process 1. Never -g: the worker gets one SIGTERM. */
static char *const before[] = {
    HOME "/tini", "-s", "--",
    HOME "/lib/ld.so", "--library-path", HOME "/lib",
    HOME "/node", "--max-old-space-size=64", "--disable-sigusr1", HOME "/agent-runtime.cjs",
};
enum { BEFORE = sizeof before / sizeof *before };

int main(int argc, char **argv) {
  char **command = calloc((size_t)argc + BEFORE, sizeof *command);
  if (command == NULL) {
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

/* CPU time of all threads of a process, and its resident memory, as Linux counts them in /proc. */
#ifndef PROCESS_H
#define PROCESS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline int process_read(int pid, const char *file, char *text, size_t room) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
  FILE *in = fopen(path, "r");
  if (!in) return 0;
  size_t got = fread(text, 1, room - 1, in);
  fclose(in);
  text[got] = 0;
  return got > 0;
}

/* utime + stime of all threads, in µs; its resolution is one tick, 10 ms. */
static inline uint64_t process_cpu_us(int pid) {
  char text[1024];
  unsigned long user, system;
  if (!process_read(pid, "stat", text, sizeof text)) return 0;
  const char *fields = strrchr(text, ')');
  if (!fields || sscanf(fields + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2) return 0;
  return (uint64_t)(user + system) * 1000000 / (uint64_t)sysconf(_SC_CLK_TCK);
}

static inline long process_rss_kb(int pid) {
  char text[8192];
  if (!process_read(pid, "status", text, sizeof text)) return 0;
  const char *line = strstr(text, "VmRSS:");
  return line ? strtol(line + 6, NULL, 10) : 0;
}

#endif

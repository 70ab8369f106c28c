/* Shared by the lab's programs: a clock, namespaces, and answers on standard output. */
#ifndef LAB_COMMON_H
#define LAB_COMMON_H

#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static inline double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Converts a time to wait; a negative time becomes 0. */
static inline struct timespec timespec_of(double ms) {
  if (ms < 0) ms = 0;
  time_t seconds = (time_t)(ms / 1e3);
  return (struct timespec){seconds, (long)((ms - 1e3 * (double)seconds) * 1e6)};
}

static inline void die(const char *what) {
  perror(what);
  exit(1);
}

/* Enters a network namespace. Files opened there stay in it. @returns the way back, for leave_namespace */
static inline int enter_namespace(const char *name) {
  char path[256];
  snprintf(path, sizeof path, "/run/netns/%s", name);
  int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  int there = open(path, O_RDONLY | O_CLOEXEC);
  if (own < 0 || there < 0 || setns(there, CLONE_NEWNET)) die(path);
  close(there);
  return own;
}

static inline void leave_namespace(int own) {
  if (setns(own, CLONE_NEWNET)) die("own namespace");
  close(own);
}

/* Runs before browsers that use all cores. Otherwise waiting for a core is measured as the line's delay. */
static inline void go_first(void) {
  struct sched_param priority = {.sched_priority = 1};
  if (sched_setscheduler(0, SCHED_RR, &priority)) (void)setpriority(PRIO_PROCESS, 0, -20);
  prctl(PR_SET_TIMERSLACK, 1);
}

/* Prints a histogram up to its last count that is not 0. */
static inline void print_counts(const unsigned long *counts, int size) {
  while (size > 0 && counts[size - 1] == 0) size--;
  printf("[");
  for (int i = 0; i < size; i++) printf("%s%lu", i > 0 ? "," : "", counts[i]);
  printf("]");
}

/* Prints all counters for each line on standard input, and exits at its end. */
static inline void answer(void (*print_counters)(void)) {
  char text[256];
  ssize_t size = read(STDIN_FILENO, text, sizeof text);
  if (size == 0) exit(0);
  for (ssize_t i = 0; i < size; i++)
    if (text[i] == '\n') print_counters();
}

#endif

/*
 * check.h - the smallest harness that says what failed, where, with which seed.
 * Include it first; main is check_begin, a RUN for each TEST, return check_end.
 * argv[1]: run only tests whose name contains it. MAGPOOL_SEED=n repeats a run.
 * CHECK_SKIP names the tests that cannot hold where the program runs.
 * C11 or C++17.
 */
#ifndef CHECK_H
#define CHECK_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <signal.h>
#ifdef __cplusplus
#include <atomic>
using std::atomic_bool;
using std::atomic_int;
#else
#include <stdatomic.h>
#endif
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#ifdef CHECK_SLOW /* under a tool, its divisor: every count and time limit from here */
#define ITERATIONS(n) ((n) / CHECK_SLOW + 1)
#define CHECK_SECONDS 300
#else
#define ITERATIONS(n) (n)
#define CHECK_SECONDS 60
#endif
static const char *check_test = "?", *check_filter = "";
static atomic_int check_errors; /* failed checks of the running test */
static int check_passed, check_failed;
static uint64_t check_seed;

#ifndef CHECK_SANITIZED /* 1: a sanitizer's runtime is part of the program */
#define CHECK_SANITIZED 0
#endif

#define TEST(name) static void name(void)
#define RUN(name) check_run(#name, name)
#define CHECK(cond) check_that((cond), #cond, __FILE__, __LINE__)
#define CHECK_EQ(actual, expected) \
    check_equal((long long)(actual), (long long)(expected), #actual " == " #expected, __FILE__, __LINE__)

/* Any thread. The first 10 failures of a test are printed, all count. */
static inline bool check_that(bool ok, const char *what, const char *file, int line) {
    if (!ok && atomic_fetch_add(&check_errors, 1) < 10)
        printf("FAIL %s: %s (%s:%d)\n", check_test, what, file, line);
    return ok;
}
static inline bool check_equal(long long a, long long b, const char *what, const char *file, int line) {
    char text[256];
    snprintf(text, sizeof text, "%.180s: %lld, %lld", what, a, b);
    return check_that(a == b, text, file, line);
}
/* splitmix64: any state is a good seed, so a thread's is check_seed + its number. */
static inline uint64_t check_random(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9, z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}
static inline void check_timeout(int signal) {
    ssize_t ignored = write(2, "TIMEOUT in ", 11) + write(2, check_test, strlen(check_test)) + write(2, "\n", 1);
    _exit(ignored < 0 ? signal : 1);
}
static inline void check_begin(int argc, char **argv) {
    const char *seed = getenv("MAGPOOL_SEED");
    check_seed = seed ? strtoull(seed, NULL, 0) : (uint64_t)time(NULL) ^ (uint64_t)getpid() << 32;
    check_filter = argc > 1 ? argv[1] : "";
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGALRM, check_timeout);
    printf("%s: MAGPOOL_SEED=%llu\n", argv[0], (unsigned long long)check_seed);
}
static inline void check_run(const char *name, void (*test)(void)) {
    if (!strstr(name, check_filter)) return;
    const char *skip = getenv("CHECK_SKIP");
    if (skip && strstr(skip, name)) {
        printf("SKIPPED %s: named in CHECK_SKIP\n", name);
        return;
    }
    struct timespec from, to;
    check_test = name;
    atomic_store(&check_errors, 0);
    alarm(CHECK_SECONDS);
    clock_gettime(CLOCK_MONOTONIC, &from), test(), clock_gettime(CLOCK_MONOTONIC, &to);
    long ms = (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
    *(check_errors ? &check_failed : &check_passed) += 1;
    printf("%s %s (%ld ms)\n", check_errors ? "FAILED" : "ok", name, ms);
}
static inline int check_end(void) {
    printf("%d passed, %d failed\n", check_passed, check_failed);
    return check_failed != 0;
}
#endif

/*
 * blocks.h - exact figures of a process's memory: heap blocks that are in use, and
 * mappings. Include it in one file of a program: it stands in for the malloc family.
 */
#ifndef BLOCKS_H
#define BLOCKS_H

#include "check.h"

#include <errno.h>

#ifdef CHECK_SLOW

/* A tool has the malloc family of its own, and finds what is lost. */
#define COUNTS_BLOCKS 0
static inline long blocks_in_use(void) { return 0; }

#else

#define COUNTS_BLOCKS 1

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static atomic_long blocks;

static inline void *count_block(void *memory) {
    if (memory) atomic_fetch_add(&blocks, 1);
    return memory;
}

void *malloc(size_t size) { return count_block(__libc_malloc(size)); }
void *calloc(size_t count, size_t size) { return count_block(__libc_calloc(count, size)); }
void *aligned_alloc(size_t align, size_t size) { return count_block(__libc_memalign(align, size)); }
void *memalign(size_t align, size_t size) { return count_block(__libc_memalign(align, size)); }
void free(void *memory) {
    if (memory) atomic_fetch_sub(&blocks, 1);
    __libc_free(memory);
}
void *realloc(void *memory, size_t size) {
    if (!memory) return malloc(size);
    if (size) return __libc_realloc(memory, size);
    free(memory);
    return NULL;
}
int posix_memalign(void **out, size_t align, size_t size) {
    void *memory = memalign(align, size);
    if (!memory) return ENOMEM;
    *out = memory;
    return 0;
}

/* Blocks that somebody has not given back. */
static inline long blocks_in_use(void) { return atomic_load(&blocks); }

#endif

/* Ranges of memory that the process has. */
static inline long mappings_in_use(void) {
    char text[4096];
    long lines = 0;
    FILE *file = fopen("/proc/self/maps", "r");
    if (!file) return 0;
    for (size_t n; (n = fread(text, 1, sizeof text, file)) > 0;)
        for (size_t i = 0; i < n; i++) lines += text[i] == '\n';
    fclose(file);
    return lines;
}

/* Resident bytes. */
static inline size_t resident_bytes(void) {
    size_t total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%zu %zu", &total, &resident) != 2) CHECK(!"/proc/self/statm");
    if (file) fclose(file);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

#endif

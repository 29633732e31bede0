/*
 * plugin.h - what plugin.so shows of the magpool it contains.
 */
#ifndef PLUGIN_H
#define PLUGIN_H

#include <pool.h>

typedef struct plugin_t {
    pool_status_t (*create)(const pool_config_t *, pool_t **);
    pool_status_t (*find)(const char *, pool_t **);
    void *(*alloc)(pool_t *);
    pool_status_t (*free)(pool_t *, void *);
    void (*release)(void *);
    pool_t *(*of)(const void *);
    pool_status_t (*get_stats)(const pool_t *, pool_stats_t *);
    pool_status_t (*destroy)(pool_t *);
    /* check_allocatable there; how many of its checks failed. */
    int (*check)(pool_t *, size_t);
} plugin_t;

/* Exported by plugin.so. */
const plugin_t *plugin_functions(void);

#endif

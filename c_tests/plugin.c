/*
 * plugin.so - a plug-in as somebody may ship it: it brings a magpool of its own,
 * libmagpool.a linked in, with no name of it exported.
 */
#include "pool_test.h"
#include "plugin.h"

static int check(pool_t *pool, size_t count) {
    atomic_store(&check_errors, 0);
    check_test = "plug-in";
    check_allocatable(pool, count);
    return atomic_load(&check_errors);
}

const plugin_t *plugin_functions(void) {
    static const plugin_t functions = {
        pool_create, pool_find, pool_alloc, pool_free, pool_release, pool_of, pool_get_stats, pool_destroy, check,
    };
    return &functions;
}

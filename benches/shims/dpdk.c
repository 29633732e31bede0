/*
 * rte_mempool behind plain functions: those of its header are inline.
 */
#include <rte_common.h>
#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_mempool.h>
#include <rte_version.h>
#include <stdio.h>

const char *bench_dpdk_version(void);
int bench_dpdk_start(unsigned processor, unsigned megabytes);
struct rte_mempool *bench_dpdk_create(const char *name, unsigned count, unsigned bytes,
                                      unsigned cache);
void bench_dpdk_destroy(struct rte_mempool *pool);
int bench_dpdk_register(void);
void bench_dpdk_unregister(void);
struct rte_mempool_cache *bench_dpdk_default_cache(struct rte_mempool *pool);
struct rte_mempool_cache *bench_dpdk_own_cache(unsigned size);
void bench_dpdk_drop_cache(struct rte_mempool *pool, struct rte_mempool_cache *cache);
void *bench_dpdk_get(struct rte_mempool *pool, struct rte_mempool_cache *cache);
int bench_dpdk_get_bulk(struct rte_mempool *pool, struct rte_mempool_cache *cache,
                        void **objects, unsigned count);
void bench_dpdk_put(struct rte_mempool *pool, struct rte_mempool_cache *cache, void *object);
void bench_dpdk_put_bulk(struct rte_mempool *pool, struct rte_mempool_cache *cache,
                         void *const *objects, unsigned count);

const char *bench_dpdk_version(void)
{
    return rte_version();
}

/* One lcore, quietly, without devices, huge pages or files. Pins the calling thread. */
int bench_dpdk_start(unsigned processor, unsigned megabytes)
{
    char lcores[32], memory[16];
    snprintf(lcores, sizeof lcores, "--lcores=0@%u", processor);
    snprintf(memory, sizeof memory, "%u", megabytes);
    char program[] = "benches", no_files[] = "--no-shconf", no_huge[] = "--no-huge";
    char no_pci[] = "--no-pci", no_telemetry[] = "--no-telemetry";
    char level[] = "--log-level=emergency", iova[] = "--iova-mode=va", size[] = "-m";
    char *arguments[] = { program, lcores, no_files, no_huge, no_pci, no_telemetry,
                          level, iova, size, memory, NULL };
    return rte_eal_init(RTE_DIM(arguments) - 1, arguments);
}

/* Objects need no addresses for devices; all else is as it is by default. */
struct rte_mempool *bench_dpdk_create(const char *name, unsigned count, unsigned bytes,
                                      unsigned cache)
{
    return rte_mempool_create(name, count, bytes, cache, 0, NULL, NULL, NULL, NULL,
                              SOCKET_ID_ANY, RTE_MEMPOOL_F_NO_IOVA_CONTIG);
}

void bench_dpdk_destroy(struct rte_mempool *pool)
{
    rte_mempool_free(pool);
}

int bench_dpdk_register(void)
{
    return rte_thread_register();
}

void bench_dpdk_unregister(void)
{
    rte_thread_unregister();
}

/* The cache of the calling thread's lcore; null if it has none. */
struct rte_mempool_cache *bench_dpdk_default_cache(struct rte_mempool *pool)
{
    return rte_mempool_default_cache(pool, rte_lcore_id());
}

struct rte_mempool_cache *bench_dpdk_own_cache(unsigned size)
{
    return rte_mempool_cache_create(size, SOCKET_ID_ANY);
}

void bench_dpdk_drop_cache(struct rte_mempool *pool, struct rte_mempool_cache *cache)
{
    rte_mempool_cache_flush(cache, pool);
    rte_mempool_cache_free(cache);
}

void *bench_dpdk_get(struct rte_mempool *pool, struct rte_mempool_cache *cache)
{
    void *object;
    return rte_mempool_generic_get(pool, &object, 1, cache) < 0 ? NULL : object;
}

int bench_dpdk_get_bulk(struct rte_mempool *pool, struct rte_mempool_cache *cache,
                        void **objects, unsigned count)
{
    return rte_mempool_generic_get(pool, objects, count, cache);
}

void bench_dpdk_put(struct rte_mempool *pool, struct rte_mempool_cache *cache, void *object)
{
    rte_mempool_generic_put(pool, &object, 1, cache);
}

void bench_dpdk_put_bulk(struct rte_mempool *pool, struct rte_mempool_cache *cache,
                         void *const *objects, unsigned count)
{
    rte_mempool_generic_put(pool, objects, count, cache);
}

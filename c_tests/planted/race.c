/* Two threads write to one object of a pool, and nothing orders them. A tool that
 * finds races must report it. */
#include <pool.h>
#include <pthread.h>
#include <stdint.h>

static void *write_to(void *object) {
    *(volatile uint64_t *)object += 1;
    return NULL;
}

int main(void) {
    pool_config_t config = POOL_CONFIG_INIT;
    pool_t *pool;
    pthread_t threads[2];
    config.object_size = 64, config.capacity = 10;
    if (pool_create(&config, &pool) != POOL_OK) return 1;
    void *object = pool_alloc(pool);
    if (!object) return 1;
    for (int i = 0; i < 2; i++)
        if (pthread_create(&threads[i], NULL, write_to, object)) return 1;
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    pool_free(pool, object);
    return pool_destroy(pool) != POOL_OK;
}

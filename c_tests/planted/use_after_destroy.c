/* Writes to an object of a pool that was destroyed by force. A tool that finds bad
 * addresses must report it. */
#include <pool.h>
#include <stdint.h>

int main(void) {
    pool_config_t config = POOL_CONFIG_INIT;
    pool_t *pool;
    config.object_size = 64, config.capacity = 10;
    if (pool_create(&config, &pool) != POOL_OK) return 1;
    void *object = pool_alloc(pool);
    if (!object || pool_destroy_forced(pool, NULL) != POOL_OK) return 1;
    *(volatile uint64_t *)object = 1;
    return 0;
}

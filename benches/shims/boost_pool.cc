// boost::pool, which is for one thread, under a mutex: what singleton_pool does for a size
// known when it is compiled.
#include <boost/pool/pool.hpp>
#include <boost/version.hpp>
#include <cstddef>
#include <mutex>

namespace {
struct Pool {
    explicit Pool(std::size_t bytes) : blocks(bytes) {}
    std::mutex mutex;
    boost::pool<> blocks;
};
} // namespace

extern "C" {
const char *bench_boost_version();
Pool *bench_boost_create(std::size_t bytes);
void bench_boost_destroy(Pool *pool);
void *bench_boost_get(Pool *pool);
void bench_boost_put(Pool *pool, void *object);
std::size_t bench_boost_get_bulk(Pool *pool, void **objects, std::size_t count);
void bench_boost_put_bulk(Pool *pool, void *const *objects, std::size_t count);
}

const char *bench_boost_version()
{
    return BOOST_LIB_VERSION;
}

Pool *bench_boost_create(std::size_t bytes)
{
    return new Pool(bytes);
}

void bench_boost_destroy(Pool *pool)
{
    delete pool;
}

void *bench_boost_get(Pool *pool)
{
    std::lock_guard<std::mutex> guard(pool->mutex);
    return pool->blocks.malloc();
}

void bench_boost_put(Pool *pool, void *object)
{
    std::lock_guard<std::mutex> guard(pool->mutex);
    pool->blocks.free(object);
}

// One lock for all: the pool's own call for many wants them to be contiguous.
std::size_t bench_boost_get_bulk(Pool *pool, void **objects, std::size_t count)
{
    std::lock_guard<std::mutex> guard(pool->mutex);
    std::size_t got = 0;
    while (got < count && (objects[got] = pool->blocks.malloc()) != nullptr)
        got++;
    return got;
}

void bench_boost_put_bulk(Pool *pool, void *const *objects, std::size_t count)
{
    std::lock_guard<std::mutex> guard(pool->mutex);
    for (std::size_t at = 0; at < count; at++)
        pool->blocks.free(objects[at]);
}

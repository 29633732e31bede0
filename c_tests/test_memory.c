/*
 * Memory: what a pool reserves, touches and gives back; where objects lie, and
 * that no two of them overlap in any shape.
 */
#include "pool_test.h"

static size_t statm(int field) {
    size_t fields[2] = {0, 0};
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%zu %zu", &fields[0], &fields[1]) != 2) CHECK(!"/proc/self/statm");
    if (file) fclose(file);
    return fields[field] * (size_t)sysconf(_SC_PAGESIZE);
}
static size_t reserved_bytes(void) { return statm(0); }
static size_t resident_bytes(void) { return statm(1); }

static double milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* ---- large pools ----------------------------------------------------------------------- */

TEST(create_of_a_million_slots_touches_few_pages) {
    const size_t before = resident_bytes();
    const double start = milliseconds();
    pool_t *pool = bounded_pool(1024, 1000000);
    const double made = milliseconds() - start;
    void *object = pool_alloc(pool);
    const size_t touched = resident_bytes() - before;
    printf("  1 000 000 slots of 1 KiB: %.3f ms to create, %zu KiB resident with one object\n", made, touched / 1024);
#ifndef CHECK_SLOW /* a tool needs memory of its own */
    CHECK((ptrdiff_t)touched < 2 << 20);
#endif
    CHECK(stats_of(pool).bytes_committed < 1 << 20);
    CHECK(stats_of(pool).bytes_reserved >= 1024u * 1000000u);
    CHECK_EQ(pool_free(pool, object), POOL_OK);
    destroy(pool);
}

/* Whether the system gives huge pages to who asks for them. */
static bool system_has_huge_pages(void) {
    char modes[64] = "";
    FILE *file = fopen("/sys/kernel/mm/transparent_hugepage/enabled", "r");
    if (file && !fgets(modes, sizeof modes, file)) modes[0] = '\0';
    if (file) fclose(file);
    return strstr(modes, "[madvise]") || strstr(modes, "[always]");
}

/* Bytes of the process in huge pages. */
static size_t huge_bytes(void) {
    char line[128];
    size_t kib = 0;
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "AnonHugePages: %zu", &kib) == 1) break;
    if (file) fclose(file);
    return kib * 1024;
}

TEST(huge_pages_hold_objects_if_asked_for) {
    enum { COUNT = 100000, BYTES = 128 };
    pool_config_t config = config_of(BYTES, COUNT);
    void **objects = object_array(COUNT);
    const size_t before = huge_bytes();
    config.flags = POOL_HUGE_PAGES;
    pool_t *pool = create(&config);
    CHECK_EQ(stats_of(pool).bytes_reserved % (2 << 20), 0);
    CHECK_EQ(alloc_up_to(pool, objects, COUNT), COUNT);
    check_distinct(pool, objects, COUNT);
    for (size_t i = 0; i < COUNT; i++) write_token(objects[i], BYTES, i);
    const size_t used = huge_bytes();
    if (used > before) printf("  %zu KiB of %d in huge pages\n", (used - before) / 1024, COUNT * BYTES / 1024);
    else puts(system_has_huge_pages() ? "  the system had no huge page to give" : "  the system gives no huge pages");
    for (size_t i = 0; i < COUNT; i++) CHECK(has_token(objects[i], BYTES, i));
    free_each(pool, objects, COUNT);
    CHECK_EQ(pool_trim(pool), POOL_OK);
    CHECK(huge_bytes() < used || used <= before);
    check_allocatable(pool, COUNT);
    destroy(pool), free(objects);
}

TEST(create_and_destroy_gives_address_space_back) {
    destroy(bounded_pool(4096, 1000000)); /* whatever is allocated once */
    const size_t before = reserved_bytes(), resident = resident_bytes();
    for (int i = 0; i < ITERATIONS(300); i++) {
        pool_t *pool = bounded_pool(4096, 1000000);
        void *objects[64];
        CHECK_EQ(alloc_up_to(pool, objects, 64), 64);
        for (size_t k = 0; k < 64; k++) memset(objects[k], 1, 4096);
        free_each(pool, objects, 64);
        CHECK_EQ(pool_destroy(pool), POOL_OK);
    }
    CHECK((ptrdiff_t)(reserved_bytes() - before) < 64 << 20);
    CHECK((ptrdiff_t)(resident_bytes() - resident) < 4 << 20);
}

/* ---- trim ---------------------------------------------------------------------------------- */

enum { TRIM_COUNT = 20000, TRIM_SIZE = 1024 };

static void fill_with_tokens(void **objects, size_t count, size_t size) {
    for (size_t i = 0; i < count; i++) write_token(objects[i], size, i);
}

static void check_tokens(void **objects, size_t count, size_t size) {
    for (size_t i = 0; i < count; i++) CHECK(has_token(objects[i], size, i));
}

/* All of it is used, freed and trimmed; then all of it works as if new. */
TEST(trim_gives_free_pages_back_and_slots_stay_usable) {
    pool_t *pool = bounded_pool(TRIM_SIZE, TRIM_COUNT);
    void **objects = object_array(TRIM_COUNT);
    for (int round = 0; round < 3; round++) {
        CHECK_EQ(alloc_up_to(pool, objects, TRIM_COUNT), TRIM_COUNT);
        fill_with_tokens(objects, TRIM_COUNT, TRIM_SIZE);
        check_tokens(objects, TRIM_COUNT, TRIM_SIZE);
        free_each(pool, objects, TRIM_COUNT);
        const size_t before = resident_bytes();
        CHECK_EQ(pool_trim(pool), POOL_OK);
        const size_t after = resident_bytes();
        printf("  trim of %d MiB: resident %zu KiB before, %zu KiB after\n", TRIM_COUNT * TRIM_SIZE >> 20, before / 1024, after / 1024);
        CHECK(before - after > TRIM_COUNT * TRIM_SIZE / 10 * 9 && after < before);
        CHECK_EQ(stats_of(pool).capacity, TRIM_COUNT);
        CHECK_EQ(report_of(pool).uncarved, TRIM_COUNT);
    }
    check_allocatable(pool, TRIM_COUNT);
    destroy(pool);
    free(objects);
}

/* Half the objects stay live, and one of 50 in the other half: nothing of
 * theirs may be lost, whatever goes. */
TEST(trim_keeps_what_is_live) {
    pool_t *pool = bounded_pool(TRIM_SIZE, TRIM_COUNT);
    void **objects = object_array(TRIM_COUNT), **others = object_array(TRIM_COUNT);
    size_t kept = 0;
    CHECK_EQ(alloc_up_to(pool, objects, TRIM_COUNT), TRIM_COUNT);
    fill_with_tokens(objects, TRIM_COUNT, TRIM_SIZE);
    for (size_t i = 0; i < TRIM_COUNT; i++)
        if (i >= TRIM_COUNT / 2 || i % 50 == 0) objects[kept++] = objects[i];
        else CHECK_EQ(pool_free(pool, objects[i]), POOL_OK);
    const size_t rest = TRIM_COUNT - kept;
    for (size_t i = 0; i < kept; i++) write_token(objects[i], TRIM_SIZE, i);
    CHECK_EQ(pool_trim(pool), POOL_OK);
    check_tokens(objects, kept, TRIM_SIZE);
    CHECK_EQ(report_of(pool).live, kept);
    CHECK_EQ(alloc_up_to(pool, others, TRIM_COUNT), rest);
    fill_with_tokens(others, rest, TRIM_SIZE);
    check_tokens(objects, kept, TRIM_SIZE);
    memcpy(objects + kept, others, rest * sizeof *others);
    check_distinct(pool, objects, TRIM_COUNT);
    CHECK_EQ(pool_free_batch(pool, objects, TRIM_COUNT), TRIM_COUNT);
    check_allocatable(pool, TRIM_COUNT);
    destroy(pool);
    free(objects), free(others);
}

/* Its page is gone, and with it the mark of a free object. Refused at once, or
 * dropped when the extra round is popped: never two owners. */
TEST(double_free_of_trimmed_object_never_gives_two_owners) {
    pool_t *pool = bounded_pool(TRIM_SIZE, 1000);
    void **objects = object_array(1001);
    CHECK_EQ(alloc_up_to(pool, objects, 1000), 1000);
    free_each(pool, objects, 1000);
    CHECK_EQ(pool_trim(pool), POOL_OK);
    for (size_t i = 0; i < 1000; i++) {
        pool_status_t status = pool_free(pool, objects[i]);
        CHECK(status == POOL_ERR_DOUBLE_FREE || status == POOL_ERR_FOREIGN || status == POOL_OK);
    }
    CHECK_EQ(alloc_up_to(pool, objects, 1001), 1000);
    check_distinct(pool, objects, 1000);
    CHECK_EQ(misuse_of(pool), 1000);
    CHECK_EQ(stats_of(pool).lost, 0);
    CHECK_EQ(pool_free(pool, (char *)objects[0] + 1), POOL_ERR_INTERIOR);
    CHECK_EQ(pool_free(pool, &pool), POOL_ERR_FOREIGN);
    free_each(pool, objects, 1000);
    check_allocatable(pool, 1000);
    destroy(pool);
    free(objects);
}

typedef struct churn_t {
    pool_t *pool;
    atomic_bool stop;
} churn_t;

static void churn_until(size_t index, void *shared) {
    churn_t *churn = shared;
    void *objects[100];
    while (!atomic_load(&churn->stop)) {
        size_t n = alloc_up_to(churn->pool, objects, 100);
        CHECK_EQ(n, 100); /* 4 threads of 100 in a pool of 400: a trim makes nobody fail */
        for (size_t i = 0; i < n; i++) write_token(objects[i], 512, index << 32 | i);
        for (size_t i = 0; i < n; i++) CHECK(has_token(objects[i], 512, index << 32 | i));
        free_each(churn->pool, objects, n);
    }
}

TEST(trim_while_threads_run_harms_nobody) {
    churn_t churn = {bounded_pool(512, 400), false};
    worker_t *workers = start_threads(4, churn_until, &churn);
    for (int i = 0; i < ITERATIONS(200); i++) {
        CHECK_EQ(pool_trim(churn.pool), POOL_OK);
        usleep(500);
    }
    atomic_store(&churn.stop, true);
    join_threads(workers, 4);
    CHECK_EQ(misuse_of(churn.pool), 0);
    CHECK_EQ(stats_of(churn.pool).lost, 0); /* nobody wrote to a free object */
    check_allocatable(churn.pool, 400);
    destroy(churn.pool);
}

/* ---- shapes ------------------------------------------------------------------------------------ */

/* Writes over every byte of every live object; then each still has its own. */
static void check_shape(size_t size, size_t align, size_t count) {
    pool_config_t config = config_of(size, count);
    config.object_align = align;
    pool_t *pool = create(&config);
    void **objects = object_array(count);
    CHECK_EQ(pool_object_size(pool), size);
    CHECK(align == 0 || pool_object_align(pool) >= align);
    for (int round = 0; round < 2; round++) { /* fresh slots, then used ones */
        CHECK_EQ(alloc_up_to(pool, objects, count), count);
        check_distinct(pool, objects, count);
        size_t natural = align ? align : size <= 8 ? 8 : 16;
        for (size_t i = 0; i < count; i++) CHECK_EQ((uintptr_t)objects[i] % natural, 0);
        for (size_t i = 0; i < count; i++) write_token(objects[i], size, check_seed + i * 0x0101010101010101);
        for (size_t i = 0; i < count; i++) CHECK(has_token(objects[i], size, check_seed + i * 0x0101010101010101));
        free_each(pool, objects, count);
        CHECK_EQ(report_of(pool).live, 0); /* no write reached a free neighbour's mark */
    }
    CHECK_EQ(misuse_of(pool), 0);
    destroy(pool);
    free(objects);
}

TEST(objects_of_any_size_do_not_overlap) {
    for (size_t size = 1; size <= 16 * 1024; size = size < 64 ? size + 1 : size * 3 / 2) check_shape(size, 0, 200);
    const size_t odd[] = {24, 40, 1000, 4095, 4096, 4097, 16384};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) check_shape(odd[i], 0, 333);
}

TEST(objects_of_any_alignment_are_aligned) {
    for (size_t align = 1; align <= 4096; align *= 2) {
        check_shape(1, align, 100);
        check_shape(align, align, 100);
        check_shape(align + 1, align, 100);
        check_shape(1000, align, 100);
    }
}

/* An object's neighbours on both sides are free: writing all of it must leave
 * their marks whole. */
TEST(writing_an_object_leaves_free_neighbours_alone) {
    const size_t shapes[] = {1, 7, 8, 9, 24, 40, 1000};
    for (size_t s = 0; s < 7; s++) {
        pool_t *pool = bounded_pool(shapes[s], 1000);
        void **objects = object_array(1000);
        CHECK_EQ(alloc_up_to(pool, objects, 1000), 1000);
        for (size_t i = 0; i < 1000; i += 2) CHECK_EQ(pool_free(pool, objects[i]), POOL_OK);
        for (size_t i = 1; i < 1000; i += 2) memset(objects[i], 0xee, shapes[s]);
        CHECK_EQ(report_of(pool).live, 500);
        for (size_t i = 1; i < 1000; i += 2) CHECK_EQ(pool_free(pool, objects[i]), POOL_OK);
        check_allocatable(pool, 1000);
        destroy(pool);
        free(objects);
    }
}

int main(int argc, char **argv) {
    check_begin(argc, argv);
    RUN(create_of_a_million_slots_touches_few_pages);
    RUN(huge_pages_hold_objects_if_asked_for);
    RUN(create_and_destroy_gives_address_space_back);
    RUN(trim_gives_free_pages_back_and_slots_stay_usable);
    RUN(trim_keeps_what_is_live);
    RUN(double_free_of_trimmed_object_never_gives_two_owners);
    RUN(trim_while_threads_run_harms_nobody);
    RUN(objects_of_any_size_do_not_overlap);
    RUN(objects_of_any_alignment_are_aligned);
    RUN(writing_an_object_leaves_free_neighbours_alone);
    return check_end();
}

/*
 * C++ programs: pools in constructors before main, in destructors of thread_local
 * objects while a thread ends, and in destructors of static objects and exit handlers
 * while the process ends.
 */
#include "pool_test.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <thread>
#include <utility>
#include <vector>

enum { SIZE = 64, CAPACITY = 200 };

/* An object of a pool, freed by its destructor, with a token that proves it is whole. */
class Held {
  public:
    explicit Held(pool_t *pool) : pool(pool), object(pool_alloc(pool)) {
        if (CHECK(object != nullptr)) write_token(object, SIZE, token());
    }
    Held(Held &&other) noexcept : pool(other.pool), object(std::exchange(other.object, nullptr)) {}
    Held(const Held &) = delete;
    Held &operator=(const Held &) = delete;
    Held &operator=(Held &&) = delete;
    ~Held() {
        if (!object) return;
        CHECK(has_token(object, SIZE, token()));
        CHECK_EQ(pool_free(pool, object), POOL_OK);
    }

  private:
    uint64_t token() const { return ~(uintptr_t)object; }
    pool_t *pool;
    void *object;
};

/* More visits than any magazine covers. */
static void use(pool_t *pool, int times) {
    for (int i = 0; i < times; i++) {
        std::vector<Held> some;
        for (int k = 0; k < 10; k++) some.emplace_back(pool);
    }
}

/* ---- before main --------------------------------------------------------------------- */

/* Errors of the very last destructors end up in the status, as main's are. */
struct Verdict {
    ~Verdict() {
        if (check_errors) _exit(1);
    }
};

/* Made by a constructor that runs before every other of the program. */
struct Early {
    Verdict verdict; /* destroyed after the rest */
    pool_t *pool = bounded_pool(SIZE, CAPACITY);
    Held held{pool};
    uint64_t of_thread = 0;
    Early() {
        use(pool, 20);
        std::thread([this] { use(pool, 20); }).join();
        of_thread = stats_of(pool).total_allocated;
    }
};
__attribute__((init_priority(101))) static Early early;
static const int errors_before_main = check_errors;

TEST(pool_is_usable_in_static_constructors) {
    CHECK_EQ(errors_before_main, 0);
    CHECK_EQ(early.of_thread, 1 + 2 * 20 * 10);
    CHECK_EQ(stats_of(early.pool).in_use, 1);
    CHECK_EQ(report_of(early.pool).live, 1);
}

/* ---- the end of a thread ---------------------------------------------------------------- */

static pool_t *ending_pool;
static std::atomic<int> ended;

/* A thread_local whose destructor frees an object, uses the pool, and makes
 * another thread_local whose destructor does the same. */
struct Last {
    Held held{ending_pool};
    ~Last() { use(ending_pool, 5), ended++; }
};
struct Ending {
    Held held{ending_pool};
    ~Ending() {
        static thread_local Last last;
        CHECK(&last.held != &held);
        use(ending_pool, 5), ended++;
    }
};

/* Registered before the thread's first cache, so destroyed after what the library's own
 * parts registered; and after it, so destroyed before. */
static void end_with_thread_locals() {
    static thread_local Ending before;
    use(ending_pool, 20);
    static thread_local Ending after;
    CHECK(&before != &after);
    CHECK(report_of(ending_pool).live >= 2);
}

TEST(pool_is_usable_in_thread_local_destructors) {
    ending_pool = bounded_pool(SIZE, CAPACITY);
    for (int round = 0; round < ITERATIONS(100); round++) {
        std::vector<std::thread> threads;
        ended = 0;
        for (int i = 0; i < 4; i++) threads.emplace_back(end_with_thread_locals);
        for (std::thread &thread : threads) thread.join();
        CHECK_EQ(ended, 3 * 4); /* two Endings and one Last each */
        CHECK_EQ(stats_of(ending_pool).in_use, 0);
        CHECK_EQ(stats_of(ending_pool).caches, 0);
        CHECK_EQ(report_of(ending_pool).in_magazines, 0);
    }
    CHECK_EQ(misuse_of(ending_pool), 0);
    check_allocatable(ending_pool, CAPACITY);
    destroy(ending_pool);
}

/* The destructors' calls are the thread's first. */
TEST(first_call_of_a_thread_in_thread_local_destructor_frees) {
    pool_t *pool = bounded_pool(SIZE, CAPACITY);
    for (int round = 0; round < ITERATIONS(200); round++) {
        std::thread([held = Held(pool)]() mutable {
            static thread_local std::vector<Held> kept;
            kept.push_back(std::move(held));
        }).join();
        CHECK_EQ(stats_of(pool).in_use, 0);
    }
    CHECK(stats_of(pool).caches <= 1); /* main's */
    check_allocatable(pool, CAPACITY);
    destroy(pool);
}

/* ---- the end of the process --------------------------------------------------------------- */

/* In a process of its own that is told so: each stage of its end works on the pool,
 * checks what is live, and says its name. Not CHECK alone: nobody reads its errors any
 * more, so the last stage exits with them. */
static pool_t *last_pool;

static void stage(const char *name, uint64_t live) {
    use(last_pool, 20);
    CHECK_EQ(stats_of(last_pool).in_use, live);
    CHECK_EQ(report_of(last_pool).live, live);
    printf("%s %d\n", name, check_errors.load());
}

struct Stage {
    const char *name;
    std::vector<Held> held;
    Stage(const char *name, pool_t *pool) : name(name) {
        if (pool) held.emplace_back(pool);
    }
    ~Stage() {
        if (!last_pool) return; /* not the process that ends */
        held.clear();
        stage(name, strcmp(name, "early") == 0 ? 0 : 1);
        if (strcmp(name, "early") != 0) return;
        check_allocatable(last_pool, CAPACITY);
        CHECK_EQ(pool_destroy(last_pool), POOL_OK);
        printf("gone %d\n", check_errors.load());
        fflush(stdout);
    }
};
static Stage early_stage{"early", nullptr}; /* constructed before main, so destroyed late */

/* Uses its pool to the end of the process: detached, it is there when main is over. */
static void work_in_background(pool_t *pool, std::atomic<int> *working) {
    use(pool, 10);
    for ((*working)++;;) use(pool, 1);
}

static void at_exit() { stage("handler", 1); }

static int end_process(const char *from) {
    static std::atomic<int> working;
    static pool_t *busy_pool = bounded_pool(SIZE, CAPACITY);
    last_pool = bounded_pool(SIZE, CAPACITY);
    early_stage.held.emplace_back(last_pool);
    for (int i = 0; i < 3; i++) std::thread(work_in_background, busy_pool, &working).detach();
    std::thread([] { use(last_pool, 50); }).join();
    while (working < 3) usleep(100);
    atexit(at_exit);
    static Stage local{"local", last_pool}; /* destroyed before the handler registered earlier */
    static Held kept{busy_pool};              /* freed while the others still work */
    if (strcmp(from, "thread") == 0) std::thread([] { use(last_pool, 20), exit(0); }).join();
    return 0;
}

static void check_end_of_process(const char *program, const char *from) {
    int out[2], status = 0;
    char said[1024] = "";
    size_t length = 0;
    if (pipe(out)) exit(1);
    pid_t child = fork();
    if (child == 0) {
        dup2(out[1], 1), close(out[0]), close(out[1]);
        execl(program, program, "--end-from", from, (char *)nullptr);
        _exit(9);
    }
    close(out[1]);
    for (ssize_t n; (n = read(out[0], said + length, sizeof said - 1 - length)) > 0;) length += (size_t)n;
    close(out[0]);
    waitpid(child, &status, 0);
    CHECK_EQ(status, 0);
    if (!CHECK(strcmp(said, "local 0\nhandler 0\nearly 0\ngone 0\n") == 0)) printf("it said:\n%s", said);
}

/* By its path: valgrind does not run /proc/self/exe. */
static const char *program;

TEST(pool_is_usable_in_static_destructors_and_exit_handlers) {
    for (int i = 0; i < ITERATIONS(20); i++) check_end_of_process(program, "main");
}

TEST(pool_is_usable_when_a_thread_ends_the_process) {
    for (int i = 0; i < ITERATIONS(20); i++) check_end_of_process(program, "thread");
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "--end-from") == 0) {
        check_test = "end of the process";
        alarm(CHECK_SECONDS);
        return end_process(argv[2]);
    }
    check_begin(argc, argv);
    program = argv[0];
    RUN(pool_is_usable_in_static_destructors_and_exit_handlers);
    RUN(pool_is_usable_when_a_thread_ends_the_process);
    RUN(pool_is_usable_in_static_constructors);
    RUN(pool_is_usable_in_thread_local_destructors);
    RUN(first_call_of_a_thread_in_thread_local_destructor_frees);
    return check_end();
}

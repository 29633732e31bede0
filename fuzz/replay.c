/*
 * replay.c - runs the fuzz target without a fuzzer: the files named, then for so
 * many seconds inputs drawn from a seed.
 *
 *     replay [--seconds N] FILE...
 *     MAGPOOL_SEED=n replay --first N --count 1 [--save FILE]
 *
 * The second form runs one input of an earlier run again, and writes it to a file.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define INPUT_MAX 4096
/* An input takes milliseconds; one that takes so long hangs. */
#define INPUT_SECONDS 60

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is running, for the line that says which input failed. */
static char running[512];

/* Of the sanitizers, if the program has one. */
__attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)(void));

static void say_running(void) {
    if (write(2, running, strlen(running)) < 0) _exit(2);
}

static void on_signal(int number) {
    say_running();
    signal(number, SIG_DFL);
    raise(number);
}

typedef struct options_t {
    unsigned long seconds, count, first;
    const char *save;
} options_t;

static uint64_t draw(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static void run(const uint8_t *data, size_t size) {
    /* Of exactly its size, so that reading beyond it is seen. */
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) exit(2);
    memcpy(copy, data, size);
    alarm(INPUT_SECONDS);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void run_file(const char *path) {
    static uint8_t data[INPUT_MAX];
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(2);
    }
    size_t size = fread(data, 1, sizeof data, file);
    fclose(file);
    snprintf(running, sizeof running, "replay: FAILED in %s\n", path);
    run(data, size);
}

static void save(const char *path, const uint8_t *data, size_t size) {
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0) {
        perror(path);
        exit(2);
    }
}

/* Input `number` of a seed, whichever ran before it. */
static size_t drawn_input(uint64_t seed, unsigned long number, uint8_t *data) {
    uint64_t state = seed + number * 0x632be59bd9b4e019;
    size_t size = 1 + draw(&state) % 600;
    for (size_t at = 0; at < size; at++) data[at] = (uint8_t)draw(&state);
    return size;
}

static unsigned long run_drawn(const options_t *options, uint64_t seed) {
    static uint8_t data[INPUT_MAX];
    unsigned long number = options->first, end = number + options->count;
    time_t deadline = time(NULL) + (time_t)options->seconds;
    for (; options->count ? number < end : time(NULL) < deadline; number++) {
        size_t size = drawn_input(seed, number, data);
        if (options->save) save(options->save, data, size);
        snprintf(running, sizeof running,
                 "replay: FAILED in drawn input %lu: MAGPOOL_SEED=%llu --first %lu --count 1\n",
                 number, (unsigned long long)seed, number);
        run(data, size);
    }
    return number - options->first;
}

static unsigned long number_of(char **argument) {
    return argument[1] ? strtoul(argument[1], NULL, 0) : 0;
}

int main(int argc, char **argv) {
    const char *given = getenv("MAGPOOL_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL) << 20 ^ (uint64_t)getpid();
    options_t options = {0, 0, 0, NULL};
    unsigned long files = 0;
    printf("MAGPOOL_SEED=%llu\n", (unsigned long long)seed);
    fflush(stdout);
    signal(SIGABRT, on_signal);
    signal(SIGALRM, on_signal); /* it hangs */
    if (__sanitizer_set_death_callback) __sanitizer_set_death_callback(say_running);
    for (char **argument = argv + 1; argument < argv + argc; argument++) {
        if (strcmp(*argument, "--seconds") == 0) options.seconds = number_of(argument++);
        else if (strcmp(*argument, "--count") == 0) options.count = number_of(argument++);
        else if (strcmp(*argument, "--first") == 0) options.first = number_of(argument++);
        else if (strcmp(*argument, "--save") == 0) options.save = *++argument;
        else run_file(*argument), files++;
    }
    unsigned long drawn = run_drawn(&options, seed);
    printf("fuzz: %lu files and %lu drawn inputs: no deviation\n", files, drawn);
    return 0;
}

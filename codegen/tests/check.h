/* What the C tests of generated code share. */
#ifndef POOLGEN_TESTS_CHECK_H
#define POOLGEN_TESTS_CHECK_H

#include <stdio.h>

static int failures;

#define CHECK(holds)                                                      \
    do {                                                                  \
        if (!(holds)) {                                                   \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #holds);   \
            failures++;                                                   \
        }                                                                 \
    } while (0)

#endif

/*
 * crew.h - threads that do one job at a time, so that what several threads do is
 * the same in every run. Number 0 is the thread that calls.
 */
#ifndef FUZZ_CREW_H
#define FUZZ_CREW_H

#include <stdbool.h>

#define CREW 4

typedef void job_t(void *context);

/* Gives thread `who` a job, starting the thread if need be, and returns. */
void crew_begin(unsigned who, job_t *job, void *context);
/* Waits until thread `who` has done its job. */
void crew_wait(unsigned who);
/* Does a job on thread `who`, to its end. */
void crew_do(unsigned who, job_t *job, void *context);
/* Whether thread `who` has a job that nobody waited for yet. */
bool crew_is_busy(unsigned who);
/* Ends thread `who`, which has no job. */
void crew_dismiss(unsigned who);

#endif

#include "crew.h"

#include <pthread.h>
#include <stddef.h>

typedef struct member_t {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    job_t *job; /* NULL: done */
    void *context;
    bool is_alive, is_busy, is_leaving;
} member_t;

#define MEMBER { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER }
static member_t members[CREW] = {MEMBER, MEMBER, MEMBER, MEMBER};

static void *member_main(void *argument) {
    member_t *self = argument;
    pthread_mutex_lock(&self->lock);
    while (!self->is_leaving) {
        if (self->job) {
            pthread_mutex_unlock(&self->lock);
            self->job(self->context);
            pthread_mutex_lock(&self->lock);
            self->job = NULL;
            pthread_cond_signal(&self->changed);
        } else {
            pthread_cond_wait(&self->changed, &self->lock);
        }
    }
    pthread_mutex_unlock(&self->lock);
    return NULL;
}

void crew_begin(unsigned who, job_t *job, void *context) {
    member_t *member = &members[who];
    pthread_mutex_lock(&member->lock);
    member->job = job;
    member->context = context;
    member->is_busy = true;
    pthread_cond_signal(&member->changed);
    pthread_mutex_unlock(&member->lock);
    if (member->is_alive) return;
    member->is_leaving = false;
    member->is_alive = pthread_create(&member->thread, NULL, member_main, member) == 0;
}

void crew_wait(unsigned who) {
    member_t *member = &members[who];
    pthread_mutex_lock(&member->lock);
    while (member->job) pthread_cond_wait(&member->changed, &member->lock);
    member->is_busy = false;
    pthread_mutex_unlock(&member->lock);
}

void crew_do(unsigned who, job_t *job, void *context) {
    if (who == 0) {
        job(context);
    } else {
        crew_begin(who, job, context);
        crew_wait(who);
    }
}

bool crew_is_busy(unsigned who) {
    return members[who].is_busy;
}

void crew_dismiss(unsigned who) {
    member_t *member = &members[who];
    if (!member->is_alive) return;
    pthread_mutex_lock(&member->lock);
    member->is_leaving = true;
    pthread_cond_signal(&member->changed);
    pthread_mutex_unlock(&member->lock);
    pthread_join(member->thread, NULL);
    member->is_alive = false;
}

#define _GNU_SOURCE
#include "raw_loop.h"

#include <errno.h>
#include <mongoc/mongoc.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

typedef struct {
    const raw_loop_plan *plan;
    mongoc_client_pool_t *pool;
    int index;
    atomic_size_t *next;
    char message[256];
} raw_thread;

int64_t raw_loop_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

int raw_loop_spawn(char *const *arguments) {
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    pid_t process;
    int failure = posix_spawn(&process, arguments[0], NULL, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    if (failure) {
        errno = failure;
        return -1;
    }
    int status;
    while (waitpid(process, &status, 0) < 0)
        if (errno != EINTR) return -1;
    return status;
}

static bool failed(raw_thread *thread, const char *step, const char *reason) {
    snprintf(thread->message, sizeof thread->message, "%s: %s", step, reason);
    return false;
}

static bool end_trial(raw_thread *thread, mongoc_collection_t *collection, const bson_t *claimed, const bson_t *result,
                      const bson_t *options) {
    bson_iter_t id, attempt;
    if (!bson_iter_init_find(&id, claimed, "_id") || !bson_iter_init_find(&attempt, claimed, "attempt"))
        return failed(thread, "claim", "the answer lacks a field");
    bson_t *fence = bson_new();
    bson_append_iter(fence, "_id", 3, &id);
    BSON_APPEND_UTF8(fence, "owner", thread->plan->owners[thread->index]);
    bson_append_iter(fence, "attempt", 7, &attempt);
    BSON_APPEND_INT32(fence, "state", thread->plan->running_state);
    BSON_APPEND_NULL(fence, "order");
    bson_error_t error;
    bson_t reply;
    bool done = mongoc_collection_update_one(collection, fence, result, options, &reply, &error);
    bson_iter_t count;
    bool modified = done && bson_iter_init_find(&count, &reply, "modifiedCount") && bson_iter_as_int64(&count) == 1;
    bson_destroy(&reply);
    bson_destroy(fence);
    if (!done) return failed(thread, "result", error.message);
    return modified ? true : failed(thread, "result", "it met no claimed trial");
}

static bool run_trial(raw_thread *thread, mongoc_client_t *client, mongoc_collection_t *collection, size_t number,
                      const bson_t *claim, const bson_t *result, const bson_t *options) {
    const raw_loop_plan *plan = thread->plan;
    bson_error_t error;
    bson_t trial;
    bson_init_static(&trial, plan->trials[number].bytes, plan->trials[number].length);
    if (!mongoc_collection_insert_one(collection, &trial, options, NULL, &error))
        return failed(thread, "insert", error.message);

    bson_t reply;
    bool done = mongoc_client_write_command_with_opts(client, plan->database, claim, options, &reply, &error);
    bson_iter_t value;
    const uint8_t *bytes = NULL;
    uint32_t length = 0;
    if (done && bson_iter_init_find(&value, &reply, "value") && BSON_ITER_HOLDS_DOCUMENT(&value))
        bson_iter_document(&value, &length, &bytes);
    bson_t claimed;
    if (!done)
        failed(thread, "claim", error.message);
    else if (!bytes || !bson_init_static(&claimed, bytes, length))
        done = failed(thread, "claim", "it found no trial");
    else if (plan->arguments && raw_loop_spawn(plan->arguments) != 0)
        done = failed(thread, plan->arguments[0], "it did not exit with status 0");
    else
        done = end_trial(thread, collection, &claimed, result, options);
    bson_destroy(&reply);
    return done;
}

static void *run_thread(void *argument) {
    raw_thread *thread = argument;
    const raw_loop_plan *plan = thread->plan;
    mongoc_client_t *client = mongoc_client_pool_pop(thread->pool);
    mongoc_collection_t *collection = mongoc_client_get_collection(client, plan->database, plan->collection);
    bson_t claim, result, options;
    bson_init_static(&claim, plan->claims[thread->index].bytes, plan->claims[thread->index].length);
    bson_init_static(&result, plan->result.bytes, plan->result.length);
    bson_init_static(&options, plan->options.bytes, plan->options.length);
    size_t number;
    while ((number = atomic_fetch_add(thread->next, 1)) < plan->trial_count)
        if (!run_trial(thread, client, collection, number, &claim, &result, &options)) break;
    mongoc_collection_destroy(collection);
    mongoc_client_pool_push(thread->pool, client);
    return NULL;
}

int raw_loop_run(const raw_loop_plan *plan, double *seconds, char *message, size_t message_size) {
    enum { most_threads = 64 };
    if (plan->threads < 1 || plan->threads > most_threads) {
        snprintf(message, message_size, "%d threads: from 1 to %d are possible", plan->threads, most_threads);
        return -1;
    }
    bson_error_t error;
    mongoc_uri_t *uri = mongoc_uri_new_with_error(plan->uri, &error);
    if (!uri) {
        snprintf(message, message_size, "%s", error.message);
        return -1;
    }
    mongoc_uri_set_option_as_int32(uri, MONGOC_URI_MAXPOOLSIZE, plan->threads);
    mongoc_client_pool_t *pool = mongoc_client_pool_new(uri);
    mongoc_uri_destroy(uri);
    mongoc_client_pool_set_error_api(pool, MONGOC_ERROR_API_VERSION_2);

    // The pool has found its server and opened its connections before the clock starts.
    mongoc_client_t *clients[most_threads];
    bson_t *ping = BCON_NEW("ping", BCON_INT32(1));
    for (int i = 0; i < plan->threads; i++) {
        clients[i] = mongoc_client_pool_pop(pool);
        mongoc_client_command_simple(clients[i], "admin", ping, NULL, NULL, NULL);
    }
    for (int i = 0; i < plan->threads; i++) mongoc_client_pool_push(pool, clients[i]);
    bson_destroy(ping);

    raw_thread threads[most_threads];
    pthread_t handles[most_threads];
    atomic_size_t next = 0;
    int started = 0;
    int64_t start = raw_loop_now();
    for (; started < plan->threads; started++) {
        threads[started] = (raw_thread){.plan = plan, .pool = pool, .index = started, .next = &next};
        if (pthread_create(&handles[started], NULL, run_thread, &threads[started])) break;
    }
    for (int i = 0; i < started; i++) pthread_join(handles[i], NULL);
    *seconds = (double) (raw_loop_now() - start) * 1e-9;
    mongoc_client_pool_destroy(pool);

    if (started < plan->threads) {
        snprintf(message, message_size, "a thread could not be started");
        return -1;
    }
    for (int i = 0; i < started; i++)
        if (threads[i].message[0]) {
            snprintf(message, message_size, "%s", threads[i].message);
            return -1;
        }
    return 0;
}

// The yardstick of `hyperbench`: what a plain C program makes of the same writes and the same processes.
//
// The only C of ours outside CMongoC: a yardstick written in Swift over our own wrapper would hide what both cost.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// One BSON document; the caller keeps the bytes alive.
typedef struct {
    const uint8_t *bytes;
    size_t length;
} raw_document;

/// What the threads do: each trial is an insert, a claim, a process and a result, one after the other.
typedef struct {
    const char *uri;
    const char *database;
    const char *collection;
    int threads;
    /// The trials' documents, made before the clock starts.
    const raw_document *trials;
    size_t trial_count;
    /// One `findAndModify` command for each thread.
    const raw_document *claims;
    /// The owner that each claim writes, for the fence of the result.
    const char *const *owners;
    int32_t running_state;
    /// The update that ends a trial.
    raw_document result;
    /// Options with the write concern.
    raw_document options;
    /// NULL-terminated; NULL means trials without a process.
    char *const *arguments;
} raw_loop_plan;

/// Runs all trials. Returns 0 and the seconds that they took, or -1 and a message.
int raw_loop_run(const raw_loop_plan *plan, double *seconds, char *message, size_t message_size);

/// Starts a process in a session of its own and waits for its end. Returns its wait status, or -1 with `errno`.
int raw_loop_spawn(char *const *arguments);

/// Nanoseconds of the monotonic clock that all processes share.
int64_t raw_loop_now(void);

// The trial of `scripts/chaos`: it keeps a journal of its own on disk, so that what the store says can be checked.
//
//   trial JOURNAL short|slow X Y
//
// Every line of the journal is one write to a file that is open for appending, so lines of several processes never mix:
//
//   start|alive|end EXPERIMENT TRIAL ATTEMPT WORKER PID NANOSECONDS HASH VALUE
//
// Nanoseconds are of the boot-time clock, which all processes of a machine share. The value is a function of the
// assignment ("-" before the end, "failed" when the attempt fails, which depends on assignment and attempt). It is on disk
// before it is printed. `Sources/Chaos/TrialFunction.swift` reckons the same.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *experiment, *trial, *attempt, *worker;
static uint64_t assignment;
static int journal;

static uint64_t hash(const char *text) {
    uint64_t value = 0xcbf29ce484222325u;
    for (; *text; text++) value = (value ^ (unsigned char) *text) * 0x100000001b3u;
    value = (value ^ value >> 33) * 0xff51afd7ed558ccdu;
    return value ^ value >> 33;
}

static void note(const char *kind, const char *value, int keeps) {
    struct timespec time;
    char line[1024];
    clock_gettime(CLOCK_BOOTTIME, &time);
    int length = snprintf(line, sizeof line, "%s %s %s %s %s %lld %lld %016llx %s\n", kind, experiment, trial, attempt,
                          worker, (long long) getpid(), (long long) time.tv_sec * 1000000000 + time.tv_nsec,
                          (unsigned long long) assignment, value);
    if (length <= 0 || length >= (int) sizeof line || write(journal, line, (size_t) length) != length) exit(70);
    if (keeps && fsync(journal) != 0) exit(70);
}

static void wait_for(uint64_t milliseconds, int tells) {
    const uint64_t step = 50;
    while (milliseconds > 0) {
        uint64_t now = tells && milliseconds > step ? step : milliseconds;
        struct timespec time = {(time_t) (now / 1000), (long) (now % 1000) * 1000000};
        nanosleep(&time, NULL);
        milliseconds -= now;
        if (tells && milliseconds > 0) note("alive", "-", 0);
    }
}

static const char *variable(const char *name) {
    const char *value = getenv(name);
    if (!value || !*value) {
        fprintf(stderr, "%s is not set\n", name);
        exit(64);
    }
    return value;
}

int main(int count, char **arguments) {
    char text[256], value[64];
    if (count != 5) return 64;
    int is_slow = strcmp(arguments[2], "slow") == 0;
    experiment = variable("HYPER_EXPERIMENT_ID");
    trial = variable("HYPER_TRIAL_ID");
    attempt = variable("HYPER_ATTEMPT");
    worker = variable("HYPER_WORKER_ID");
    journal = open(arguments[1], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (journal < 0) return 70;
    snprintf(text, sizeof text, "%s %s", arguments[3], arguments[4]);
    assignment = hash(text);
    snprintf(text, sizeof text, "%s %s %s", arguments[3], arguments[4], attempt);
    uint64_t luck = hash(text);
    note("start", "-", 1);

    // One in sixteen has a child that stays, as data loaders do: it has to go with the trial, or with its worker.
    if ((luck >> 44) % 16 == 0 && fork() == 0) {
        close(STDOUT_FILENO);
        close(STDERR_FILENO);
        sleep(20);
        _exit(0);
    }
    // Trials that end their workers before they said a word are given up after two: these are not to blame.
    printf("begins\n");
    if ((luck >> 40) % 4 == 0)
        for (int line = 0; line < 20; line++) printf("epoch %d of 20, nothing to report\n", line);
    fflush(stdout);
    wait_for(is_slow ? 8000 + (luck >> 8) % 9001 : 50 + (luck >> 8) % 751, is_slow);

    if (luck % 100 < 8) {
        note("end", "failed", 1);
        fprintf(stderr, "this attempt was to fail\n");
        return 3;
    }
    double x = strtod(arguments[3], NULL), y = strtod(arguments[4], NULL);
    double distance = x - 1;
    double square = distance * distance;
    snprintf(value, sizeof value, "%.17g", square + y);
    note("end", value, 1);
    printf("loss=%s\n", value);
    return 0;
}

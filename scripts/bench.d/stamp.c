// The trial of `scripts/bench latency`: it says when it began and when it ended, and does nothing else.
//
//   stamp run FILE     appends "TRIAL BEGIN END" to FILE and exits
//   stamp report FILE  appends "TRIAL BEGIN PID", prints loss=TIME, and waits to be ended
//   stamp stop FILE    prints loss=TIME, waits for SIGTERM, and appends "TRIAL PRINTED TERMINATED"
//   stamp wait FILE    appends "TRIAL BEGIN PID", and waits to be ended
//
// Times are nanoseconds of the monotonic clock, which all processes of a machine share. One write of a line shorter than
// a page is never torn.
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t) time.tv_sec * 1000000000 + time.tv_nsec;
}

static int append(const char *path, const char *line, int length) {
    int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    return file >= 0 && write(file, line, (size_t) length) == length;
}

static int report(int64_t time) {
    char line[64];
    int length = snprintf(line, sizeof line, "loss=%lld\n", (long long) time);
    return write(STDOUT_FILENO, line, (size_t) length) == length;
}

static int stop(const char *trial, const char *path) {
    sigset_t signals;
    int caught = 0;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    // It waits for it in `sigwait`, however early it comes.
    if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0) return 1;
    int64_t printed = now();
    if (!report(printed) || sigwait(&signals, &caught) != 0) return 1;
    char line[128];
    int length = snprintf(line, sizeof line, "%s %lld %lld\n", trial, (long long) printed, (long long) now());
    return append(path, line, length) ? 0 : 1;
}

int main(int count, char **arguments) {
    int64_t begin = now();
    const char *trial = getenv("HYPER_TRIAL_ID");
    char line[128];
    if (count < 3) return 64;
    if (!trial) trial = "0";
    if (strcmp(arguments[1], "stop") == 0) return stop(trial, arguments[2]);
    int waits = strcmp(arguments[1], "run") != 0;
    // The end is taken before the line is written, since nothing can be written after it.
    long long last = waits ? (long long) getpid() : (long long) now();
    int length = snprintf(line, sizeof line, "%s %lld %lld\n", trial, (long long) begin, last);
    if (!append(arguments[2], line, length)) return 1;
    if (strcmp(arguments[1], "report") == 0 && !report(now())) return 1;
    if (waits) sleep(60);
    return 0;
}

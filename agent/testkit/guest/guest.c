/*
 * The guest of ./run and of the tests: a machine that shows, on its serial console, whether it was moved whole.
 *
 * It takes its parameters from the kernel command line (longhaul.<name>=<number>, see README.md), dirties memory and
 * disk at given rates, remembers which generation of every page and block it wrote last, and reads all of them back
 * without pause. A page or block that is lost, old, torn or in the wrong place is reported as "check <k> FAILED".
 *
 *   main      prints "load" once a second
 *   tick      prints "tick" every few milliseconds, ahead of all other threads: a gap is the host's doing
 *   memory    rewrites pages
 *   disk      writes blocks with O_DIRECT
 *   check     verifies every page and every block, pass after pass
 *   power     waits for the power button, then closes the disk and switches the machine off
 *
 * It runs as process 1 of an initramfs that holds little else (see init); the disk, if any, is mounted at /data.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define PAGE_BYTES 4096ul
#define MIB (1ul << 20)
#define NANOS_PER_SECOND 1000000000ul
#define NANOS_PER_MILLISECOND 1000000ul

#define DATA_FOLDER "/data"
#define DATA_FILE DATA_FOLDER "/longhaul.blocks"
#define CACHED_FILE DATA_FOLDER "/longhaul.cached"

/* ---- parameters ------------------------------------------------------------------------------------------------ */

struct parameter {
    const char *name;
    uint64_t value; /* the default, until the command line says otherwise */
};

enum { MEMORY, PAGES, HOT, DISK, BLOCK, WRITES, SYNC, FILL, CACHED, TICK, PAUSE, PARAMETER_COUNT };

static struct parameter parameters[PARAMETER_COUNT] = {
    [MEMORY] = {"memory", 64},   /* MiB of checked memory */
    [PAGES] = {"pages", 2000},   /* pages rewritten a second; 0: none */
    [HOT] = {"hot", 100},        /* per cent of the memory that is ever rewritten */
    [DISK] = {"disk", 64},       /* MiB of checked file; 0: leave the disk alone */
    [BLOCK] = {"block", 65536},  /* bytes a write; a multiple of 4096 */
    [WRITES] = {"writes", 20},   /* blocks written a second; 0: none after the first filling */
    [SYNC] = {"sync", 0},        /* fdatasync after so many writes; 0: never, 1: every write, as a database does */
    [FILL] = {"fill", 1},        /* 1: write every block once before "ready" */
    [CACHED] = {"cached", 0},    /* MiB of a file kept in the page cache: memory that equals disk, page for page */
    [TICK] = {"tick", 10},       /* milliseconds between two ticks; 0: measure gaps, print no ticks */
    [PAUSE] = {"pause", 1000},   /* milliseconds of rest between two check passes, for the sake of the host's cores */
};

static uint64_t parameter(int which) { return parameters[which].value; }

static void read_parameters(void) {
    char line[4096] = " "; /* so that the first word too has a space before it */
    int file = open("/proc/cmdline", O_RDONLY);
    if (file < 0 || read(file, line + 1, sizeof line - 2) < 0) return;
    close(file);
    for (int i = 0; i < PARAMETER_COUNT; i++) {
        char key[64];
        snprintf(key, sizeof key, " longhaul.%s=", parameters[i].name);
        const char *found = strstr(line, key);
        if (found) parameters[i].value = strtoull(found + strlen(key), NULL, 10);
    }
}

/* ---- time ------------------------------------------------------------------------------------------------------ */

static uint64_t now_nanos(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NANOS_PER_SECOND + (uint64_t)t.tv_nsec;
}

static void sleep_until(uint64_t nanos) {
    struct timespec t = {(time_t)(nanos / NANOS_PER_SECOND), (long)(nanos % NANOS_PER_SECOND)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* Waits for the next beat. Who is more than a second late (the machine stood still) starts a new rhythm rather than
   catching up in a burst that nobody asked for. */
static void await_beat(uint64_t *next, uint64_t interval_nanos) {
    uint64_t now = now_nanos();
    *next += interval_nanos;
    if (*next + NANOS_PER_SECOND < now) *next = now;
    if (*next > now) sleep_until(*next);
}

/* ---- console --------------------------------------------------------------------------------------------------- */

/* Inherits priority: a slow thread that holds it runs at the tick's priority until it lets go. */
static pthread_mutex_t console_lock;

static void open_console(void) {
    struct termios settings;
    if (tcgetattr(STDOUT_FILENO, &settings) == 0) {
        cfmakeraw(&settings); /* lines end in \n alone, and nothing typed is echoed between them */
        tcsetattr(STDOUT_FILENO, TCSANOW, &settings);
    }
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
    pthread_mutex_init(&console_lock, &attributes);
}

#define LINE_BYTES 2048

/* One line, one write(2). */
__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
    char line[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    if (length > (int)sizeof line - 2) length = sizeof line - 2;
    line[length++] = '\n';
    pthread_mutex_lock(&console_lock);
    ssize_t written = write(STDOUT_FILENO, line, (size_t)length);
    (void)written; /* there is no second console to complain on */
    pthread_mutex_unlock(&console_lock);
}

/* ---- failures -------------------------------------------------------------------------------------------------- */

/* A disk that is gone would otherwise fill the console with one line a block, a pass. */
#define REPORTS_PER_PASS 8

static atomic_ulong current_pass;
static atomic_ulong failures_of_pass;
static atomic_bool stopping;

#define report(format, ...)                                                                                   \
    do {                                                                                                      \
        if (atomic_fetch_add(&failures_of_pass, 1) < REPORTS_PER_PASS)                                        \
            say("LONGHAUL check %lu FAILED " format, atomic_load(&current_pass), __VA_ARGS__);                \
    } while (0)

static _Noreturn void rest_in_peace(void) {
    for (;;) pause(); /* process 1 must not end: the kernel would panic, and the log end in noise */
}

static _Noreturn void cannot_start(const char *what) {
    report("start %s: %s", what, strerror(errno));
    rest_in_peace();
}

/* The thread that faulted stops here; the others go on ticking and checking. No lock: it may be the one we hold. */
static void on_fault(int number, siginfo_t *info, void *context) {
    (void)context;
    char line[160];
    int length = snprintf(line, sizeof line, "LONGHAUL check %lu FAILED signal %d (%s) at address %p\n",
                          atomic_load(&current_pass), number, strsignal(number), info->si_addr);
    atomic_fetch_add(&failures_of_pass, 1);
    ssize_t written = write(STDOUT_FILENO, line, (size_t)length);
    (void)written;
    rest_in_peace();
}

static void catch_faults(void) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) sigaction(numbers[i], &action, NULL);
}

/* ---- threads --------------------------------------------------------------------------------------------------- */

static pthread_t start(void *(*body)(void *)) {
    pthread_t thread;
    errno = pthread_create(&thread, NULL, body, NULL);
    if (errno) cannot_start("thread");
    return thread;
}

static void set_nice(int nice_value) { setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), nice_value); }

/* Pages and blocks are locked by stripe: the checker and a writer meet only on the same stripe. */
#define STRIPES 64

struct stripes {
    pthread_mutex_t locks[STRIPES];
};

static struct stripes page_locks, block_locks;

static void open_stripes(struct stripes *stripes) {
    for (int i = 0; i < STRIPES; i++) pthread_mutex_init(&stripes->locks[i], NULL);
}

static void lock(struct stripes *stripes, uint64_t index) { pthread_mutex_lock(&stripes->locks[index % STRIPES]); }

static void unlock(struct stripes *stripes, uint64_t index) { pthread_mutex_unlock(&stripes->locks[index % STRIPES]); }

/* ---- stamped contents ------------------------------------------------------------------------------------------ */

/*
 * A stamp is a page or a block that says where it belongs and when it was written:
 *
 *   word 0      place: page index, or offset in the file
 *   word 1      generation: counts all writes of this kind, so no two writes ever share one
 *   word 2      checksum of the words that follow, seeded with place and generation
 *   word 3...   a pseudo-random sequence drawn from place and generation; does not compress
 *
 * Arithmetic is 64-bit multiply, shift and xor, one word at a time: cheap even where the processor is emulated. Each
 * checksum step is a bijection of the running value, so a change of one word can never go unseen.
 */
enum { PLACE, GENERATION, CHECKSUM, HEADER_WORDS };

#define MULTIPLIER 0x9e3779b97f4a7c15ul

static uint64_t seed_of(uint64_t place, uint64_t generation) {
    uint64_t seed = (place + 1) * MULTIPLIER ^ (generation * 0xd1342543de82ef95ul);
    seed ^= seed >> 31;
    return seed ? seed : 1; /* xorshift would stay at zero for ever */
}

static uint64_t next_word(uint64_t word) {
    word ^= word << 13;
    word ^= word >> 7;
    return word ^ word << 17;
}

static uint64_t add_to_checksum(uint64_t sum, uint64_t word) {
    sum = (sum ^ word) * MULTIPLIER;
    return sum ^ sum >> 32;
}

static void stamp(uint64_t *words, size_t bytes, uint64_t place, uint64_t generation) {
    uint64_t word = seed_of(place, generation), sum = word;
    for (size_t i = HEADER_WORDS; i < bytes / 8; i++) {
        word = next_word(word);
        words[i] = word;
        sum = add_to_checksum(sum, word);
    }
    words[PLACE] = place;
    words[GENERATION] = generation;
    words[CHECKSUM] = sum;
}

static uint64_t checksum_of(const uint64_t *words, size_t bytes) {
    uint64_t sum = seed_of(words[PLACE], words[GENERATION]);
    for (size_t i = HEADER_WORDS; i < bytes / 8; i++) sum = add_to_checksum(sum, words[i]);
    return sum;
}

/* Byte at which the content first differs from what was written: tells a torn write from a lost one. */
static size_t first_difference(const uint64_t *words, size_t bytes, uint64_t place, uint64_t generation) {
    uint64_t word = seed_of(place, generation);
    for (size_t i = HEADER_WORDS; i < bytes / 8; i++) {
        word = next_word(word);
        if (words[i] != word) return i * 8;
    }
    return CHECKSUM * 8;
}

/* What says "page", "block" or "cached". Cheapest test first; the first that fails is the one reported. */
static bool verify(const char *what, const uint64_t *words, size_t bytes, uint64_t place, uint64_t generation) {
    if (words[PLACE] != place) {
        report("%s %lu place expected=%lu seen=%lu", what, place, place, words[PLACE]);
        return false;
    }
    if (words[GENERATION] != generation) {
        report("%s %lu generation expected=%lu seen=%lu", what, place, generation, words[GENERATION]);
        return false;
    }
    uint64_t sum = checksum_of(words, bytes);
    if (words[CHECKSUM] != sum) {
        report("%s %lu checksum expected=%016lx seen=%016lx first_wrong_byte=%zu", what, place, words[CHECKSUM], sum,
               first_difference(words, bytes, place, generation));
        return false;
    }
    return true;
}

/* ---- memory ---------------------------------------------------------------------------------------------------- */

static uint64_t *memory;
static uint64_t page_count;
static uint64_t *page_generations; /* what each page must hold; guarded, as the page is, by its stripe */
static atomic_ulong last_page_generation;
static atomic_ulong pages_rewritten;

static uint64_t *page_at(uint64_t index) { return memory + index * (PAGE_BYTES / 8); }

static void write_page(uint64_t index) {
    uint64_t generation = atomic_fetch_add(&last_page_generation, 1) + 1;
    stamp(page_at(index), PAGE_BYTES, index, generation);
    page_generations[index] = generation;
}

static bool check_page(uint64_t index) {
    return verify("page", page_at(index), PAGE_BYTES, index, page_generations[index]);
}

static void fill_memory(void) {
    page_count = parameter(MEMORY) * MIB / PAGE_BYTES;
    if (page_count == 0) return;
    open_stripes(&page_locks);
    page_generations = calloc(page_count, sizeof *page_generations);
    errno = posix_memalign((void **)&memory, PAGE_BYTES, page_count * PAGE_BYTES);
    if (errno || !page_generations) cannot_start("memory");
    for (uint64_t i = 0; i < page_count; i++) write_page(i);
}

/* Verified before it is overwritten, so that damage cannot be painted over before the checker comes by. */
static void rewrite_page(uint64_t index) {
    lock(&page_locks, index);
    check_page(index);
    write_page(index);
    unlock(&page_locks, index);
    atomic_fetch_add(&pages_rewritten, 1);
}

/* Works in bursts of a hundredth of a second: a sleep per page would cost more than the page. */
static void *memory_thread(void *unused) {
    const uint64_t bursts_per_second = 100;
    uint64_t hot_pages = page_count * parameter(HOT) / 100;
    if (hot_pages == 0) hot_pages = 1;
    uint64_t random = seed_of(0, 1), debt = 0, next = now_nanos();
    while (!stopping) {
        for (debt += parameter(PAGES); debt >= bursts_per_second && !stopping; debt -= bursts_per_second) {
            random = next_word(random);
            rewrite_page((random >> 16) % hot_pages);
        }
        await_beat(&next, NANOS_PER_SECOND / bursts_per_second);
    }
    return unused;
}

/* ---- latencies of one second ----------------------------------------------------------------------------------- */

#define LATENCY_SLOTS 8192 /* beyond that the oldest of the second are overwritten: percentiles stay fair */

static pthread_mutex_t latency_lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t latencies[LATENCY_SLOTS];
static uint64_t latency_count;
static atomic_ulong write_began; /* 0: no write under way */

static void note_latency(uint64_t nanos) {
    pthread_mutex_lock(&latency_lock);
    latencies[latency_count++ % LATENCY_SLOTS] = nanos;
    pthread_mutex_unlock(&latency_lock);
}

static int compare_nanos(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

struct latency_summary {
    uint64_t count, kept, p50, p99, max;
};

static uint64_t sorted_latencies[LATENCY_SLOTS]; /* of the second that was taken last */

/* Takes what was noted since the last call. A write still under way counts for the maximum: a disk that hangs shows
   while it hangs, not after. */
static struct latency_summary take_latencies(void) {
    uint64_t *sorted = sorted_latencies;
    pthread_mutex_lock(&latency_lock);
    struct latency_summary summary = {.count = latency_count};
    uint64_t kept = latency_count < LATENCY_SLOTS ? latency_count : LATENCY_SLOTS;
    summary.kept = kept;
    memcpy(sorted, latencies, kept * sizeof *sorted);
    latency_count = 0;
    pthread_mutex_unlock(&latency_lock);

    if (kept > 0) {
        qsort(sorted, kept, sizeof *sorted, compare_nanos);
        summary.p50 = sorted[kept / 2];
        summary.p99 = sorted[kept * 99 / 100];
        summary.max = sorted[kept - 1];
    }
    uint64_t began = atomic_load(&write_began), now = now_nanos();
    if (began && now - began > summary.max) summary.max = now - began;
    return summary;
}

/* ---- disk ------------------------------------------------------------------------------------------------------ */

static int disk_file = -1;
static uint64_t block_count;
static uint64_t *block_generations; /* what each block must hold, 0: not known; guarded by the block's stripe */
static uint64_t last_block_generation;

static uint64_t *new_block_buffer(void) {
    void *buffer;
    errno = posix_memalign(&buffer, PAGE_BYTES, parameter(BLOCK));
    if (errno) cannot_start("block buffer");
    return buffer;
}

static void disk_failed(const char *what, const char *call, uint64_t offset, ssize_t moved) {
    report("%s %lu %s expected=%lu seen=%zd (%s)", what, offset, call, parameter(BLOCK), moved,
           moved < 0 ? strerror(errno) : "short");
}

/* Afterwards the block is known to hold the new generation, or, if the write failed, not known at all. */
static void write_block(uint64_t *buffer, uint64_t index, bool sync) {
    uint64_t offset = index * parameter(BLOCK), generation = ++last_block_generation;
    stamp(buffer, parameter(BLOCK), offset, generation);
    lock(&block_locks, index);
    uint64_t began = now_nanos();
    atomic_store(&write_began, began);
    ssize_t written = pwrite(disk_file, buffer, parameter(BLOCK), (off_t)offset);
    bool whole = written == (ssize_t)parameter(BLOCK);
    if (!whole) disk_failed("block", "write", offset, written);
    if (sync && fdatasync(disk_file) != 0) report("fdatasync expected=0 seen=%s", strerror(errno));
    note_latency(now_nanos() - began);
    atomic_store(&write_began, 0);
    block_generations[index] = whole ? generation : 0;
    unlock(&block_locks, index);
}

static void open_disk(void) {
    /* init leaves /data an empty folder of the initramfs when there is no disk to mount on it. */
    struct stat root, data;
    bool mounted = stat("/", &root) == 0 && stat(DATA_FOLDER, &data) == 0 && root.st_dev != data.st_dev;
    if (!mounted || parameter(DISK) == 0) return;
    if (parameter(BLOCK) == 0 || parameter(BLOCK) % PAGE_BYTES != 0) {
        errno = EINVAL;
        cannot_start("longhaul.block");
    }
    open_stripes(&block_locks);
    block_count = parameter(DISK) * MIB / parameter(BLOCK);
    block_generations = calloc(block_count, sizeof *block_generations);
    disk_file = open(DATA_FILE, O_RDWR | O_CREAT | O_DIRECT, 0600);
    if (disk_file < 0 || !block_generations) cannot_start(DATA_FILE);
    errno = posix_fallocate(disk_file, 0, (off_t)(block_count * parameter(BLOCK)));
    if (errno) cannot_start("preallocation of " DATA_FILE);
}

static void fill_disk(void) {
    if (disk_file < 0 || !parameter(FILL)) return;
    uint64_t *buffer = new_block_buffer();
    for (uint64_t i = 0; i < block_count; i++) write_block(buffer, i, false);
    if (fsync(disk_file) != 0) report("fsync expected=0 seen=%s", strerror(errno));
    free(buffer);
    take_latencies(); /* not part of the load */
}

static void *disk_thread(void *unused) {
    uint64_t *buffer = new_block_buffer();
    uint64_t random = seed_of(0, 2), next = now_nanos(), sync = parameter(SYNC);
    set_nice(-10); /* the latency shown shall be the disk's, not that of waiting behind the checker */
    for (uint64_t n = 1; !stopping; n++) {
        random = next_word(random);
        write_block(buffer, (random >> 16) % block_count, sync && n % sync == 0);
        await_beat(&next, NANOS_PER_SECOND / parameter(WRITES));
    }
    return unused;
}

static bool check_block(const char *what, int file, uint64_t *buffer, uint64_t index, uint64_t generation) {
    uint64_t offset = index * parameter(BLOCK);
    ssize_t seen = pread(file, buffer, parameter(BLOCK), (off_t)offset);
    if (seen != (ssize_t)parameter(BLOCK)) {
        disk_failed(what, "read", offset, seen);
        return false;
    }
    return verify(what, buffer, parameter(BLOCK), offset, generation);
}

/* ---- page cache ------------------------------------------------------------------------------------------------ */

/* Written once, through the page cache, and from then on read from there: a mover that sends a page as a reference to
   the disk block it equals is held to it. The generation is one the writers never reach. */
#define CACHED_GENERATION (1ul << 63)

static int cached_file = -1;
static uint64_t cached_count;

static void fill_cache(void) {
    if (disk_file < 0 || parameter(CACHED) == 0) return;
    uint64_t *buffer = new_block_buffer();
    cached_count = parameter(CACHED) * MIB / parameter(BLOCK);
    cached_file = open(CACHED_FILE, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (cached_file < 0) cannot_start(CACHED_FILE);
    for (uint64_t i = 0; i < cached_count; i++) {
        uint64_t offset = i * parameter(BLOCK);
        stamp(buffer, parameter(BLOCK), offset, CACHED_GENERATION);
        ssize_t written = pwrite(cached_file, buffer, parameter(BLOCK), (off_t)offset);
        if (written != (ssize_t)parameter(BLOCK)) disk_failed("cached", "write", offset, written);
    }
    if (fsync(cached_file) != 0) report("fsync expected=0 seen=%s", strerror(errno));
    free(buffer);
}

/* ---- checker --------------------------------------------------------------------------------------------------- */

static uint64_t check_memory(void) {
    uint64_t good = 0;
    for (uint64_t i = 0; i < page_count && !stopping; i++) {
        lock(&page_locks, i);
        good += check_page(i);
        unlock(&page_locks, i);
    }
    return good;
}

static uint64_t check_disk(uint64_t *buffer) {
    uint64_t good = 0;
    for (uint64_t i = 0; i < block_count && !stopping; i++) {
        lock(&block_locks, i);
        if (block_generations[i]) good += check_block("block", disk_file, buffer, i, block_generations[i]);
        unlock(&block_locks, i);
    }
    for (uint64_t i = 0; i < cached_count && !stopping; i++)
        good += check_block("cached", cached_file, buffer, i, CACHED_GENERATION);
    return good;
}

/* A failure found by another thread during the pass fails the pass. */
static void check_once(uint64_t pass, uint64_t *buffer) {
    atomic_store(&current_pass, pass);
    atomic_store(&failures_of_pass, 0);
    say("LONGHAUL check %lu begin", pass);
    uint64_t pages = check_memory();
    uint64_t blocks = check_disk(buffer);
    if (stopping) return;
    uint64_t failures = atomic_load(&failures_of_pass);
    if (failures == 0) say("LONGHAUL check %lu ok pages=%lu blocks=%lu", pass, pages, blocks);
    else say("LONGHAUL check %lu FAILED failures=%lu good pages=%lu blocks=%lu", pass, failures, pages, blocks);
}

/* In short sleeps: the power button does not wait for a long one. */
static void rest_between_passes(void) {
    uint64_t end = now_nanos() + parameter(PAUSE) * NANOS_PER_MILLISECOND;
    for (uint64_t now = now_nanos(); now < end && !stopping; now = now_nanos()) {
        uint64_t nap = now + 100 * NANOS_PER_MILLISECOND;
        sleep_until(nap < end ? nap : end);
    }
}

static void *check_thread(void *unused) {
    uint64_t *buffer = new_block_buffer();
    for (uint64_t pass = 1; !stopping; pass++) {
        check_once(pass, buffer);
        rest_between_passes();
    }
    return unused;
}

/* ---- tick ------------------------------------------------------------------------------------------------------ */

static atomic_ulong longest_gap; /* since it was last taken */

static void run_before_all_others(void) {
    struct sched_param priority = {.sched_priority = 50};
    errno = pthread_setschedparam(pthread_self(), SCHED_FIFO, &priority);
    if (errno) cannot_start("SCHED_FIFO");
}

static void note_gap(uint64_t gap) {
    if (gap > atomic_load(&longest_gap)) atomic_store(&longest_gap, gap);
}

static void *tick_thread(void *unused) {
    uint64_t interval = (parameter(TICK) ? parameter(TICK) : 10) * NANOS_PER_MILLISECOND;
    uint64_t next = now_nanos(), last = next;
    run_before_all_others();
    for (uint64_t n = 1; !stopping; n++) {
        await_beat(&next, interval);
        uint64_t now = now_nanos();
        note_gap(now - last);
        last = now;
        if (parameter(TICK))
            say("LONGHAUL tick %lu %lu.%06lu", n, now / NANOS_PER_SECOND, now % NANOS_PER_SECOND / 1000);
    }
    return unused;
}

/* ---- power ----------------------------------------------------------------------------------------------------- */

static pthread_t disk_writer, checker;

/* Lets the write and the pass under way end, so that the file system is closed clean. */
static _Noreturn void power_off(void) {
    say("LONGHAUL powerdown");
    stopping = true;
    if (disk_writer) pthread_join(disk_writer, NULL);
    if (checker) pthread_join(checker, NULL);
    if (disk_file >= 0) close(disk_file);
    if (cached_file >= 0) close(cached_file);
    sync();
    umount(DATA_FOLDER);
    say("LONGHAUL off");
    tcdrain(STDOUT_FILENO);
    reboot(RB_POWER_OFF);
    rest_in_peace();
}

static bool power_button_pressed(int file) {
    struct input_event event;
    return read(file, &event, sizeof event) == sizeof event && event.type == EV_KEY && event.code == KEY_POWER &&
           event.value == 1;
}

/* Listens to every input device: there are few, and only a power button sends KEY_POWER. */
static void *power_thread(void *unused) {
    struct pollfd inputs[16];
    nfds_t count = 0;
    for (int i = 0; i < 16; i++) {
        char name[32];
        snprintf(name, sizeof name, "/dev/input/event%d", i);
        int file = open(name, O_RDONLY);
        if (file >= 0) inputs[count++] = (struct pollfd){.fd = file, .events = POLLIN};
    }
    while (count > 0 && poll(inputs, count, -1) > 0)
        for (nfds_t i = 0; i < count; i++)
            if (inputs[i].revents & POLLIN && power_button_pressed(inputs[i].fd)) power_off();
    return unused;
}

/* ---- main ------------------------------------------------------------------------------------------------------ */

static double millis(uint64_t nanos) { return (double)nanos / NANOS_PER_MILLISECOND; }

/* To five significant bits, so 3 to 6 per cent: near enough to tell, and few enough to print. */
static uint64_t rounded_micros(uint64_t nanos) {
    uint64_t micros = nanos / 1000;
    int excess = micros < 32 ? 0 : 59 - __builtin_clzl(micros);
    return micros >> excess << excess;
}

/* How many writes took how long: seconds can be added up from this, as they cannot from percentiles. */
static void say_spread(uint64_t count) {
    char text[LINE_BYTES - 64];
    size_t length = 0;
    for (uint64_t i = 0, same; i < count && length < sizeof text - 32; i += same) {
        uint64_t micros = rounded_micros(sorted_latencies[i]);
        for (same = 1; i + same < count && rounded_micros(sorted_latencies[i + same]) == micros;) same++;
        length += (size_t)snprintf(text + length, sizeof text - length, " %lux%lu", micros, same);
    }
    if (length > 0) say("LONGHAUL writes_us%s", text);
}

static void say_load(void) {
    struct latency_summary writes = take_latencies();
    say("LONGHAUL load writes=%lu write_p50_ms=%.3f write_p99_ms=%.3f write_max_ms=%.3f pages=%lu max_gap_ms=%.3f",
        writes.count, millis(writes.p50), millis(writes.p99), millis(writes.max), atomic_exchange(&pages_rewritten, 0),
        millis(atomic_exchange(&longest_gap, 0)));
    say_spread(writes.kept);
}

int main(void) {
    open_console();
    catch_faults();
    read_parameters();
    open_disk();
    fill_disk();
    fill_cache();
    fill_memory();
    say("LONGHAUL ready memory=%lu disk=%lu", page_count * PAGE_BYTES / MIB, block_count * parameter(BLOCK) / MIB);

    start(tick_thread);
    if (page_count && parameter(PAGES)) start(memory_thread);
    if (block_count && parameter(WRITES)) disk_writer = start(disk_thread);
    checker = start(check_thread);
    start(power_thread); /* last: it joins the others */

    for (uint64_t next = now_nanos(); !stopping;) {
        await_beat(&next, NANOS_PER_SECOND);
        say_load();
    }
    rest_in_peace();
}

/*
 * A wide-area link on one machine, for kernels without sch_netem: joins two network namespaces over a TUN device in
 * each, with a given delay, rate, queue and loss. Real TCP runs across it.
 *
 *   emulator DEVICE  NAMESPACE_A ADDRESS_A  NAMESPACE_B ADDRESS_B  DELAY_MS RATE_MBIT QUEUE_MS LOSS_PERCENT
 *
 * DELAY_MS is one way, RATE_MBIT 0 unlimited. Each direction has two threads: one takes packets off its device, drops
 * or times them; one hands them over when they are due. TCP packets of up to 64 KiB (GSO) pass whole, which is what
 * lets a small machine carry gigabits, but they are counted, timed and lost as the segments they stand for.
 *
 * Standard input takes commands, each answered with one line of counters (print_counters):
 *
 *   set DELAY_MS RATE_MBIT QUEUE_MS LOSS_PERCENT
 *   down, up     cut the link: every packet is lost, those on the way too; mend it
 *   mark         count anew from here
 *   stat         nothing but the counters
 *
 * It ends at the end of its input: whoever started it need not be alive to end it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NANOS 1000000000ll
#define HEADER sizeof(struct virtio_net_hdr)
#define LARGEST_PACKET (HEADER + 65536)

/* What a link of unlimited rate may hold in each direction. */
#define QUEUE_BYTES_LIMIT (512ll << 20)

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "emulator: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_nanos(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * NANOS + t.tv_nsec;
}

/* ---- the link's properties: written by the command loop, read by all ---------------------------------------------- */

struct properties {
    double delay_ms, rate_mbit, queue_ms, loss_percent;
};

static pthread_mutex_t properties_lock = PTHREAD_MUTEX_INITIALIZER;
static struct properties properties;
static bool is_down;

static struct properties current_properties(bool *down) {
    pthread_mutex_lock(&properties_lock);
    struct properties copy = properties;
    *down = is_down;
    pthread_mutex_unlock(&properties_lock);
    return copy;
}

/* ---- directions ---------------------------------------------------------------------------------------------------- */

struct packet {
    struct packet *next;
    int64_t due_nanos;
    size_t length; /* with the header of the TUN device */
    unsigned char bytes[];
};

struct counters {
    uint64_t packets, bytes, lost_packets;
    int64_t first_nanos; /* 0: none yet */
};

struct direction {
    int in, out;
    pthread_mutex_t lock; /* guards the queue and the counters */
    pthread_cond_t filled;
    struct packet *head, *tail;
    int64_t queued_bytes;
    struct counters counters;
    int64_t link_free_nanos; /* the taking thread's own, as is the next */
    unsigned random_state;
};

static void append(struct direction *d, struct packet *packet) {
    pthread_mutex_lock(&d->lock);
    if (d->tail) d->tail->next = packet;
    else d->head = packet;
    d->tail = packet;
    d->queued_bytes += (int64_t)packet->length;
    pthread_cond_signal(&d->filled);
    pthread_mutex_unlock(&d->lock);
}

static struct packet *await_head(struct direction *d) {
    pthread_mutex_lock(&d->lock);
    while (!d->head) pthread_cond_wait(&d->filled, &d->lock);
    struct packet *head = d->head;
    pthread_mutex_unlock(&d->lock);
    return head;
}

static void remove_head(struct direction *d) {
    pthread_mutex_lock(&d->lock);
    d->queued_bytes -= (int64_t)d->head->length;
    d->head = d->head->next;
    if (!d->head) d->tail = NULL;
    pthread_mutex_unlock(&d->lock);
}

static bool has_room(struct direction *d) {
    pthread_mutex_lock(&d->lock);
    bool room = d->queued_bytes < QUEUE_BYTES_LIMIT;
    pthread_mutex_unlock(&d->lock);
    return room;
}

/* Bytes count when they enter the link, lost on the way or not; what the queue refuses never entered it. */
static void count(struct direction *d, uint64_t packets, uint64_t bytes, uint64_t lost) {
    pthread_mutex_lock(&d->lock);
    d->counters.packets += packets;
    d->counters.bytes += bytes;
    d->counters.lost_packets += lost;
    if (packets > 0 && d->counters.first_nanos == 0) d->counters.first_nanos = now_nanos();
    pthread_mutex_unlock(&d->lock);
}

/* ---- segments ------------------------------------------------------------------------------------------------------ */

/* A TCP packet that stands for several on the wire, or any other packet, which stands for itself. */
struct segments {
    size_t headers, payload, size, count; /* headers: of IP and TCP; size: of a segment's payload */
};

static struct segments segments_of(const unsigned char *bytes, size_t length) {
    const struct virtio_net_hdr *info = (const void *)bytes;
    struct segments whole = {.headers = 0, .payload = length - HEADER, .size = length - HEADER, .count = 1};
    if (info->gso_type != VIRTIO_NET_HDR_GSO_TCPV4 || info->gso_size == 0) return whole;
    const struct iphdr *ip = (const void *)(bytes + HEADER);
    const struct tcphdr *tcp = (const void *)(bytes + HEADER + ip->ihl * 4u);
    size_t headers = ip->ihl * 4u + tcp->doff * 4u;
    if (headers >= length - HEADER) return whole;
    size_t payload = length - HEADER - headers;
    return (struct segments){headers, payload, info->gso_size, (payload + info->gso_size - 1) / info->gso_size};
}

static uint64_t wire_bytes(struct segments s) { return s.payload + s.headers * s.count; }

static uint32_t sum16(const void *data, size_t length, uint32_t sum) {
    const unsigned char *bytes = data;
    for (size_t i = 0; i + 1 < length; i += 2) sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
    return sum;
}

static uint16_t folded(uint32_t sum) {
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

/* Cuts the segments [first, first + count) out of a GSO packet into one of its own. */
static struct packet *cut_out(const unsigned char *bytes, struct segments s, size_t first, size_t count) {
    size_t from = first * s.size, to = from + count * s.size;
    if (to > s.payload) to = s.payload;
    size_t length = HEADER + s.headers + (to - from);
    struct packet *part = malloc(sizeof *part + length);
    if (!part) return NULL;
    *part = (struct packet){.length = length};
    memcpy(part->bytes, bytes, HEADER + s.headers);
    memcpy(part->bytes + HEADER + s.headers, bytes + HEADER + s.headers + from, to - from);

    struct virtio_net_hdr *info = (void *)part->bytes;
    struct iphdr *ip = (void *)(part->bytes + HEADER);
    struct tcphdr *tcp = (void *)(part->bytes + HEADER + ip->ihl * 4u);
    if (to - from <= s.size) {
        info->gso_type = VIRTIO_NET_HDR_GSO_NONE;
        info->gso_size = 0;
    }
    ip->tot_len = htons((uint16_t)(length - HEADER));
    ip->id = htons((uint16_t)(ntohs(ip->id) + first));
    ip->check = 0;
    ip->check = htons((uint16_t)~folded(sum16(ip, ip->ihl * 4u, 0)));
    tcp->seq = htonl(ntohl(tcp->seq) + (uint32_t)from);
    if (to < s.payload) tcp->fin = tcp->psh = 0;
    /* The kernel completes the checksum from that of the pseudo header, which has the length in it. */
    uint32_t pseudo = sum16(&ip->saddr, 8, IPPROTO_TCP + (uint32_t)(length - HEADER - ip->ihl * 4u));
    tcp->check = htons(folded(pseudo));
    return part;
}

static void send_segments(struct direction *d, const unsigned char *bytes, struct segments s, size_t first, size_t count,
                          int64_t due_nanos) {
    struct packet *part = cut_out(bytes, s, first, count);
    if (!part) return; /* as lost as any other */
    part->due_nanos = due_nanos;
    append(d, part);
}

static void send_whole(struct direction *d, const unsigned char *bytes, size_t length, int64_t due_nanos) {
    struct packet *packet = malloc(sizeof *packet + length);
    if (!packet) return;
    *packet = (struct packet){.length = length, .due_nanos = due_nanos};
    memcpy(packet->bytes, bytes, length);
    append(d, packet);
}

/* ---- taking packets ------------------------------------------------------------------------------------------------ */

static bool is_lost(struct direction *d, double loss_percent) {
    return rand_r(&d->random_state) / (RAND_MAX + 1.0) * 100 < loss_percent;
}

/* Loses each segment with the given probability, and sends what stands between two lost ones together. */
static uint64_t send_with_loss(struct direction *d, const unsigned char *bytes, size_t length, struct segments s,
                               double loss_percent, int64_t due_nanos) {
    bool lost[65536 / 8];
    uint64_t losses = 0;
    size_t count = s.count < sizeof lost ? s.count : sizeof lost;
    for (size_t i = 0; i < count; i++) losses += lost[i] = is_lost(d, loss_percent);
    if (losses == 0) {
        send_whole(d, bytes, length, due_nanos);
    } else if (s.count > 1) {
        for (size_t first = 0, end; first < count; first = end + 1) {
            for (end = first; end < count && !lost[end];) end++;
            if (end > first) send_segments(d, bytes, s, first, end - first, due_nanos);
        }
    }
    return losses;
}

static void take_packet(struct direction *d, const unsigned char *bytes, size_t length) {
    bool down;
    struct properties p = current_properties(&down);
    const struct iphdr *ip = (const void *)(bytes + HEADER);
    if (length < HEADER + sizeof *ip || ip->version != 4) return; /* neighbours looking for each other */
    struct segments s = segments_of(bytes, length);
    int64_t now = now_nanos(), start = d->link_free_nanos > now ? d->link_free_nanos : now;
    bool refused = !has_room(d) || (p.rate_mbit > 0 && (double)(start - now) > p.queue_ms * 1e6);
    if (down || refused) {
        count(d, 0, 0, s.count);
        return;
    }
    if (p.rate_mbit > 0) start += (int64_t)((double)wire_bytes(s) * 8e3 / p.rate_mbit);
    d->link_free_nanos = start;
    uint64_t lost = send_with_loss(d, bytes, length, s, p.loss_percent, start + (int64_t)(p.delay_ms * 1e6));
    count(d, s.count, wire_bytes(s), lost);
}

static void *take_packets(void *argument) {
    struct direction *d = argument;
    unsigned char *bytes = malloc(LARGEST_PACKET);
    if (!bytes) fail("memory");
    for (;;) {
        ssize_t length = read(d->in, bytes, LARGEST_PACKET);
        if (length >= 0) take_packet(d, bytes, (size_t)length);
        else if (errno != EINTR) fail("reading from the device");
    }
}

/* ---- handing packets over ------------------------------------------------------------------------------------------ */

static void sleep_until(int64_t nanos) {
    struct timespec t = {nanos / NANOS, nanos % NANOS};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) continue;
}

static void *hand_over_packets(void *argument) {
    struct direction *d = argument;
    prctl(PR_SET_TIMERSLACK, 1000);
    for (;;) {
        struct packet *packet = await_head(d);
        if (packet->due_nanos > now_nanos()) sleep_until(packet->due_nanos);
        bool down;
        (void)current_properties(&down);
        /* What the far kernel will not take is lost, as on any link. */
        while (!down && write(d->out, packet->bytes, packet->length) < 0 && errno == EINTR) continue;
        remove_head(d);
        free(packet);
    }
    return NULL;
}

/* ---- devices ------------------------------------------------------------------------------------------------------- */

static void run(char *const command[]) {
    pid_t child = fork();
    if (child == 0) {
        execvp(command[0], command);
        _exit(127);
    }
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
        fprintf(stderr, "emulator: %s %s %s failed\n", command[0], command[1], command[2]);
        exit(1);
    }
}

static int make_device(const char *device) {
    int file = open("/dev/net/tun", O_RDWR);
    if (file < 0) fail("/dev/net/tun");
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", device);
    if (ioctl(file, TUNSETIFF, &request) != 0) fail("TUNSETIFF");
    int header = HEADER, room = 256 << 20;
    if (ioctl(file, TUNSETVNETHDRSZ, &header) != 0) fail("TUNSETVNETHDRSZ");
    if (ioctl(file, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4) != 0) fail("TUNSETOFFLOAD");
    if (ioctl(file, TUNSETSNDBUF, &room) != 0) fail("TUNSETSNDBUF");
    return file;
}

/* The device stays where it was made when we go back. */
static int open_end(char *device, const char *namespace, const char *address) {
    char path[256], address_and_width[64];
    snprintf(path, sizeof path, "/run/netns/%s", namespace);
    snprintf(address_and_width, sizeof address_and_width, "%s/24", address);
    int home = open("/proc/self/ns/net", O_RDONLY), there = open(path, O_RDONLY);
    if (home < 0 || there < 0 || setns(there, CLONE_NEWNET) != 0) fail(namespace);
    int file = make_device(device);
    run((char *[]){"ip", "address", "add", address_and_width, "dev", device, NULL});
    run((char *[]){"ip", "link", "set", device, "txqueuelen", "20000", "up", NULL});
    if (setns(home, CLONE_NEWNET) != 0) fail("the way back");
    close(home);
    close(there);
    return file;
}

/* ---- commands ------------------------------------------------------------------------------------------------------ */

static struct direction directions[2] = {
    {.lock = PTHREAD_MUTEX_INITIALIZER, .filled = PTHREAD_COND_INITIALIZER, .random_state = 1},
    {.lock = PTHREAD_MUTEX_INITIALIZER, .filled = PTHREAD_COND_INITIALIZER, .random_state = 2},
};

static void print_counters(bool anew) {
    for (int i = 0; i < 2; i++) {
        struct direction *d = &directions[i];
        pthread_mutex_lock(&d->lock);
        if (anew) d->counters = (struct counters){0};
        struct counters c = d->counters;
        pthread_mutex_unlock(&d->lock);
        const char *name = i == 0 ? "ab" : "ba";
        printf("%s_packets=%lu %s_bytes=%lu %s_lost=%lu %s_first_nanos=%ld%c", name, c.packets, name, c.bytes, name,
               c.lost_packets, name, c.first_nanos, i == 0 ? ' ' : '\n');
    }
    fflush(stdout);
}

static void set_down(bool down) {
    pthread_mutex_lock(&properties_lock);
    is_down = down;
    pthread_mutex_unlock(&properties_lock);
}

static bool set_properties(struct properties p) {
    if (p.delay_ms < 0 || p.rate_mbit < 0 || p.queue_ms < 0 || p.loss_percent < 0 || p.loss_percent > 100) return false;
    pthread_mutex_lock(&properties_lock);
    properties = p;
    pthread_mutex_unlock(&properties_lock);
    return true;
}

static bool obey(const char *line) {
    struct properties p;
    if (sscanf(line, "set %lf %lf %lf %lf", &p.delay_ms, &p.rate_mbit, &p.queue_ms, &p.loss_percent) == 4)
        return set_properties(p);
    if (strcmp(line, "down\n") == 0) set_down(true);
    else if (strcmp(line, "up\n") == 0) set_down(false);
    else return strcmp(line, "stat\n") == 0 || strcmp(line, "mark\n") == 0;
    return true;
}

static pthread_t start(void *(*body)(void *), struct direction *d) {
    pthread_t thread;
    errno = pthread_create(&thread, NULL, body, d);
    if (errno) fail("thread");
    return thread;
}

int main(int argc, char **argv) {
    if (argc != 10) {
        fprintf(stderr, "usage: emulator DEVICE NAMESPACE_A ADDRESS_A NAMESPACE_B ADDRESS_B "
                        "DELAY_MS RATE_MBIT QUEUE_MS LOSS_PERCENT\n");
        return 2;
    }
    if (!set_properties((struct properties){atof(argv[6]), atof(argv[7]), atof(argv[8]), atof(argv[9])})) {
        fprintf(stderr, "emulator: the link's properties cannot be negative\n");
        return 2;
    }
    int a = open_end(argv[1], argv[2], argv[3]), b = open_end(argv[1], argv[4], argv[5]);
    directions[0].in = directions[1].out = a;
    directions[0].out = directions[1].in = b;
    for (int i = 0; i < 2; i++) {
        start(take_packets, &directions[i]);
        start(hand_over_packets, &directions[i]);
    }
    print_counters(false);
    for (char line[256]; fgets(line, sizeof line, stdin);) {
        if (obey(line)) {
            print_counters(strcmp(line, "mark\n") == 0);
        } else {
            printf("error: not a command: %s", line);
            fflush(stdout);
        }
    }
    return 0;
}

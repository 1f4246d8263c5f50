// SPDX-License-Identifier: Apache-2.0
// capture.c - captures what passes one end of a link, by libpcap, in bounded memory
//
// Nobody reads while the case runs: packets wait in a ring filled by the kernel, which counts those
// that do not fit. Only the beginning of each is kept, which is all that is put into words.
#include "traffic/capture.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <pcap/pcap.h>
#include <string.h>

enum { RING_BYTES = 2 << 20, KEPT_BYTES = 1024 };

struct capture {
    pcap_t *pcap;
    double offset_ms; // added to packets' timestamps to get clock_ms()
    struct in_addr own;
    struct in6_addr own6;
    FILE *file;            // a pcap file in memory; NULL: frames are not kept
    pcap_dumper_t *dumper; // writes it
    char *kept;            // its content
    size_t kept_length, most;
    capture_taker *taker; // set while capture_read() runs
    void *context;
};

// "192.0.2.10/24" without the prefix length.
static int read_address(int family, const char *address, void *ret) {
    char plain[INET6_ADDRSTRLEN] = "";
    strncat(plain, address, strcspn(address, "/"));
    return inet_pton(family, plain, ret) == 1 ? 0 : -1;
}

static int fail(struct capture *capture, const char *what, struct err *err) {
    return err_set(err, "%s: %s", what, pcap_geterr(capture->pcap));
}

static int only_what_is_told(struct capture *capture, struct err *err) {
    struct bpf_program filter;
    if (pcap_compile(capture->pcap, &filter, "tcp or icmp or icmp6", 1, PCAP_NETMASK_UNKNOWN) < 0)
        return fail(capture, "compile a filter", err);
    int ret = pcap_setfilter(capture->pcap, &filter);
    pcap_freecode(&filter);
    return ret < 0 ? fail(capture, "set a filter", err) : 0;
}

static int begin(struct capture *capture, struct err *err) {
    char unused[PCAP_ERRBUF_SIZE];
    pcap_set_snaplen(capture->pcap, KEPT_BYTES);
    pcap_set_buffer_size(capture->pcap, RING_BYTES);
    pcap_set_immediate_mode(capture->pcap, 1); // packets can be read as soon as they arrive
    capture->offset_ms = clock_wall_ms() - clock_ms();
    if (pcap_activate(capture->pcap) < 0)
        return fail(capture, "capture packets", err);
    if (pcap_setnonblock(capture->pcap, 1, unused) < 0)
        return fail(capture, "read packets without waiting", err);
    return only_what_is_told(capture, err);
}

struct capture *capture_open(const struct link_end *end, struct err *err) {
    struct capture *capture = xcalloc(1, sizeof *capture);
    char why[PCAP_ERRBUF_SIZE] = "";
    int back, ret = -1;
    if (read_address(AF_INET, end->address, &capture->own) < 0 ||
        read_address(AF_INET6, end->address6, &capture->own6) < 0) {
        err_set(err, "no address: %s", end->address);
    } else if (netns_enter(end->netns->fd, &back, err) == 0) {
        capture->pcap = pcap_create(end->name, why);
        ret = capture->pcap ? begin(capture, err) : err_set(err, "capture packets: %s", why);
        if (netns_leave(back, err) < 0)
            ret = -1;
    }
    if (ret == 0)
        return capture;
    capture_close(capture);
    return NULL;
}

void capture_close(struct capture *capture) {
    size_t length;
    if (capture)
        free(capture_take_kept(capture, &length));
    if (capture && capture->pcap)
        pcap_close(capture->pcap);
    free(capture);
}

static void take(u_char *context, const struct pcap_pkthdr *header, const u_char *frame) {
    struct capture *capture = (void *)context;
    struct segment segment;
    if (capture->dumper && pcap_dump_ftell(capture->dumper) < (long)capture->most)
        pcap_dump((u_char *)capture->dumper, header, frame);
    if (!segment_read(frame, header->caplen, header->len, &segment))
        return;
    double at_ms = (double)header->ts.tv_sec * 1e3 + (double)header->ts.tv_usec / 1e3;
    bool sent = segment.ipv6 ? memcmp(segment.sender, &capture->own6, sizeof capture->own6) == 0
                             : memcmp(segment.sender, &capture->own, sizeof capture->own) == 0;
    capture->taker(capture->context, at_ms - capture->offset_ms, sent, &segment);
}

void capture_read(struct capture *capture, capture_taker *taker, void *context) {
    capture->taker = taker;
    capture->context = context;
    while (pcap_dispatch(capture->pcap, -1, take, (u_char *)capture) > 0)
        continue;
}

int capture_keep(struct capture *capture, size_t most, struct err *err) {
    capture->file = open_memstream(&capture->kept, &capture->kept_length);
    if (!capture->file)
        out_of_memory();
    capture->most = most;
    capture->dumper = pcap_dump_fopen(capture->pcap, capture->file);
    return capture->dumper ? 0 : fail(capture, "keep packets", err);
}

char *capture_take_kept(struct capture *capture, size_t *ret_length) {
    char *kept;
    if (capture->dumper)
        pcap_dump_close(capture->dumper); // closes the file, too
    else if (capture->file)
        fclose(capture->file);
    capture->dumper = NULL;
    capture->file = NULL;
    kept = capture->kept;
    *ret_length = capture->kept_length;
    capture->kept = NULL;
    return kept;
}

unsigned capture_missed(struct capture *capture) {
    struct pcap_stat counts = {0};
    return pcap_stats(capture->pcap, &counts) == 0 ? counts.ps_drop : 0;
}

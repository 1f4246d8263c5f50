// SPDX-License-Identifier: Apache-2.0
// exhibits.c - what a bundle has besides the case's record: the server's variables, its counters
// before and after, the packets at both hosts, and the conversation with the apps
#include "run/case.h"

#include "base/utf8.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

// For each host. Together with the other half, in base64, it fits into a record.
enum { PACKETS_MOST_BYTES = 1 << 20 };

// Records nothing if the server does not answer, or is gone.
static void ask(struct case_run *run, const char *name, const char *statement) {
    json_t *rows;
    struct err ignored;
    if (run->world->server.admin &&
        admin_query(run->world->server.admin, statement, &rows, &ignored) == 0)
        json_object_set_new(run->record->exhibits, name, rows);
}

void exhibits_begin(struct case_run *run) {
    if (!run->exhibited)
        return;
    run->record->exhibits = json_object();
    ask(run, "variables", "SHOW GLOBAL VARIABLES");
    ask(run, "status_before", "SHOW GLOBAL STATUS");
}

void exhibits_listen(struct case_run *run) {
    run->transcript.began_ms = run->began_ms;
    for (size_t i = 0; run->exhibited && i < run->actor_count; i++)
        run->actors[i].transcript = &run->transcript;
}

void exhibits_end(struct case_run *run) {
    if (run->exhibited)
        ask(run, "status_after", "SHOW GLOBAL STATUS");
}

void exhibits_keep_packets(struct case_run *run) {
    struct err ignored; // a bundle is useful without packets, too
    if (run->exhibited)
        traffic_keep(&run->traffic, PACKETS_MOST_BYTES, &ignored);
}

void exhibits_take_packets(struct case_run *run) {
    static const char *const names[SIDES] = {
        [SIDE_APP] = "app.pcap", [SIDE_SERVER] = "server.pcap"};
    for (int side = 0; run->record->exhibits && side < SIDES; side++) {
        size_t length;
        cleanup_free char *kept = traffic_take_kept(&run->traffic, (enum side)side, &length);
        if (!kept)
            continue;
        cleanup_free char *base64 = xcalloc(length / 3 + 2, 4);
        EVP_EncodeBlock((unsigned char *)base64, (unsigned char *)kept, (int)length);
        json_object_set_new(run->record->exhibits, names[side], json_string(base64));
    }
}

void exhibits_take_transcript(struct case_run *run) {
    if (run->record->exhibits)
        json_object_set_new(run->record->exhibits, "transcript",
                            utf8_json(text_get(&run->transcript.text)));
    text_release(&run->transcript.text);
}

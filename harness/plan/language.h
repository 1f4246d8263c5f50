// SPDX-License-Identifier: Apache-2.0
// language.h - the scenario language: every key and verb, and what each decodes to
//
// To add a verb, write one row in its table in language*.c, including what it implies, and
// implement it in run/ (verbs of an app: in the adapters). `check`, the JSON Schema and the
// reference follow. Faults and states have files of their own, see kind.h.
#ifndef GONEAWAY_PLAN_LANGUAGE_H
#define GONEAWAY_PLAN_LANGUAGE_H

#include "yaml/table.h"

#include <stdbool.h>

/** Limits of a file. A scenario describes one failure, and the largest of the catalogue reach a
 * tenth of them. Forks are counted per case. */
enum {
    MOST_VARIANTS = 200,
    MOST_PARAMS = 100, // of a variant
    MOST_STEPS = 500,
    MOST_ROWS = 500,
    MOST_APPS = 16,
    MOST_FORKS = 16,
    MOST_ALTERNATIVES = 20,
    MOST_PATTERNS = 1000,
    MOST_PACKETS = 50,
};
/** Largest number that a server counts, and of rows. */
#define MOST_COUNTED INT64_C(1000000000000)

enum transport { TRANSPORT_TCP, TRANSPORT_SOCKET, TRANSPORT_TLS, TRANSPORT_COUNT };
extern const struct word transport_words[];

/** Flags of verbs. */
enum verb_flags {
    VERB_DIRTIES = 1,   ///< the server cannot serve another case after it
    VERB_NEEDS_TCP = 2, ///< meaningless over the transport `socket`
    VERB_FRESH = 4,     ///< needs a server that has served no other case
};

// ---- steps -------------------------------------------------------------------------------------

enum step_kind {
    STEP_APP,
    STEP_ADMIN,
    STEP_SERVER,
    STEP_FAULT,
    STEP_LIFT,
    STEP_UNTIL,
    STEP_IDLE,
    STEP_AWAIT,
    STEP_PROXY,
    STEP_RAW,
    STEP_PROGRAM, ///< a user's own program, see program.h; the language has no key for it
};
/** The kinds of steps by key; an app's key is its name. */
extern const struct verb *const step_verbs[];
/** A selection of variants: those named, directly or by group, or all but those. */
extern const struct type type_selection;
struct selection_args {
    struct list of, all_but; ///< const char *
};

/** Keys that any step may have beside its verb: struct step_common. */
extern const struct type type_step_common;
struct step_common {
    const char *id; ///< the column of `outcomes` that judges it; NULL: set-up
    const struct selection_args *variants; ///< only in these variants; NULL: in all
    struct list transport;                 ///< enum transport; only over these; empty: over all
    int64_t deadline_ms;                   ///< -1: the default
    int optional;                          ///< for `until`; -1: not given
};

/** An app's step: `app: {query: SELECT 1, as: q}`. */
extern const struct type type_app;
extern const struct verb *const app_verbs[];
struct app_act {
    struct choice op;
    const char *as;   ///< runs in the background under this name; NULL: the step waits for it
    struct list args; ///< nodes; for `call`, whose arguments are beside its name
};
struct call_args {
    const char *name;
    struct list args; ///< nodes
};
enum host_word { HOST_ADDRESS, HOST_NAME, HOST_ADDRESS6, HOST_WORDS };
enum ca_word { CA_OWN, CA_OTHER, CA_NAMED, CA_WORDS };
enum tls_version_word { TLS_VERSION_1_2, TLS_VERSION_1_3, TLS_VERSION_WORDS };
enum plugins_word { PLUGINS_NONE, PLUGINS_WORDS };
enum connect_to { TO_SERVER, TO_STUB, TO_WORDS };
struct connect_args {
    int host; ///< enum host_word, -1: address
    int to;   ///< enum connect_to, -1: server
    int64_t connect_timeout_ms, read_timeout_ms, write_timeout_ms, max_allowed_packet;
    int reconnect, compress, interactive, multi_statements, local_infile;
    const char *user, *password, *database, *init_command;
    int ca, plugins;     ///< enum ca_word, enum plugins_word; -1: not set
    int verify_name;     ///< verify the name in the certificate
    int tls_version;     ///< enum tls_version_word, -1: whatever the library supports
    int tls_resume;      ///< offer the TLS session of the previous connection
    struct dict session; ///< of const struct node *
};

enum admin_op { ADMIN_QUERY, ADMIN_SET_GLOBAL };
extern const struct type type_admin;
struct admin_act {
    struct choice op;
};

extern const struct type type_server_act;
enum signal_word { SIGNAL_TERM, SIGNAL_KILL, SIGNAL_ABRT, SIGNAL_WORDS };
/** Shared by `restart` and `stop`. */
struct restart_args {
    int signal; ///< enum signal_word
};
/** What `install` can install in the server. */
enum install_word { INSTALL_CRASH, INSTALL_WORDS };

enum proxy_op { PROXY_RESTART, PROXY_STOP };
extern const struct type type_proxy_act;

// ---- faults ------------------------------------------------------------------------------------

extern const struct type type_fault;
struct fault_act {
    struct choice kind;
    const char *id;           ///< NULL: the kind's name
    const struct node *fires; ///< a count, `never`, or a mapping from variants to these
};

// ---- bytes of one's own: the stub, and raw steps -----------------------------------------------

/** What a peer does on its connection; a stub's script and raw steps consist of these. */
enum peer_op {
    PEER_CONNECT,
    PEER_GREET,
    PEER_LOGIN,
    PEER_READ,
    PEER_SEND,
    PEER_PACKET,
    PEER_OK,
    PEER_OK_UNTIL,
    PEER_ERROR,
    PEER_COLUMNS,
    PEER_ROW,
    PEER_SILENT,
    PEER_WAIT,
    PEER_PACE,
    PEER_FIRED,
    PEER_CLOSE,
    PEER_RESET,
};
/** Bytes: hex digits, then text, then filler. */
struct bytes_args {
    const char *hex, *text; ///< NULL: none
    int64_t fill_bytes;     ///< -1: none
};
struct send_args {
    struct bytes_args bytes;
};
struct packet_args {
    struct bytes_args bytes;
    int64_t sequence, length; ///< -1: the correct value
};
struct greet_args {
    int64_t protocol; ///< -1: 10
    int tls;          ///< 1: it offers TLS
    const char *version, *plugin;
};
struct error_args {
    int64_t code;
    const char *sqlstate, *message;
    int64_t sequence; ///< -1: the next one
};
struct login_args {
    const char *user;
};
extern const struct type type_raw;
struct raw_act {
    struct choice op;
};

// ---- until -------------------------------------------------------------------------------------

extern const struct type type_until;
struct until_act {
    struct choice what;
};

extern const struct type type_idle;
struct idle_args {
    int64_t for_ms, app_pings_every_ms;
};

// ---- outcomes ----------------------------------------------------------------------------------

/** A cell in its long form: `{error: CODE, rows: .., within: ..}`. */
extern const struct type type_cell;
/** A promise in its long form, a word with its reason; only for the reference, see promise.c. */
extern const struct type type_promise;
struct promise_args {
    const char *ok, *error, *error_or_new, *unbounded, *any;
    const struct node *unless;
};
struct bounds {
    int64_t min_ms, max_ms; ///< -1: unlimited
};
enum session_identity { SESSION_SAME, SESSION_NEW, SESSION_IDENTITIES };
struct cell_args {
    int ok, hang, unsupported;
    const struct node *error; ///< a code; NULL: none
    const char *crash;        ///< a signal's name
    const struct node *rows;  ///< a list of rows, a count, or {min, max}
    int64_t affected, warnings, error_number, system_errno;
    int session; ///< enum session_identity
    struct bounds *within;
    const char *sqlstate, *native, *message, *stage, *events;
    struct list or_else; ///< const struct node *, cells
    const char *why;
};
/** The condition of a row: `if: {variant: x, server: "mysql >= 8.0.24"}`. */
extern const struct type type_condition;
struct condition_args {
    const struct selection_args *variant;     ///< NULL: any
    struct list server, connector, transport; ///< const char *; int for transport
};
/** A number, or bounds of one. */
struct amount_args {
    int64_t exactly, min, max; ///< -1: not given
};
enum closer { CLOSER_APP, CLOSER_SERVER, CLOSER_NETWORK, CLOSER_NEITHER, CLOSERS };
/** "2", "1 to 3", "at least 1". To be freed. */
char *amount_text(const struct amount_args *amount);
/** A packet as a timeline shows it. */
struct packet_evidence {
    int from;         ///< enum closer, but for the last; -1: anybody
    const char *says; ///< a regular expression (PCRE2) that its words match; NULL: any words
    int lost;         ///< -1: arrived or not
};
/** What passed between the hosts. */
struct wire_evidence {
    int first_close; ///< enum closer; -1: not asked
    struct amount_args *resets, *retransmissions;
    const struct node *error_packet; ///< a code, or `none`; see wire_error()
    struct list packets, no_packets; ///< struct packet_evidence *
};
/** "packet from the app that matches 'COM_QUIT'". To be freed. */
char *packet_text(const struct packet_evidence *packet);
/** The code of an ERR packet that is asked for; 0: there must be none. */
int wire_error(const struct node *error_packet);
extern const struct type type_evidence, type_wire_evidence;
struct evidence_args {
    int64_t aborted_clients, aborted_connects;
    int uptime_reset;
    struct wire_evidence *wire;
    const char *log;    ///< a regular expression (PCRE2) that must match some line of the error log
    const char *no_log; ///< one that must match no line
};

// ---- the file ----------------------------------------------------------------------------------

extern const struct type type_scenario;
enum holds { HOLDS_YES, HOLDS_PARTLY, HOLDS_NO, HOLDS_WORDS };
struct variant_args {
    int control;
    const char *remedy, *claim;
    int holds;        ///< enum holds
    struct dict with; ///< const struct node *
    struct list transport, formerly;
};
struct server_args {
    struct dict options; ///< const struct node *
    int starts;          ///< 0: it must refuse to start
};
enum nat_then { NAT_DROP, NAT_RESET, NAT_WORDS };
struct nat_args {
    const char *id;
    int64_t idle_timeout_ms;
    int then; ///< enum nat_then
    const struct node *fires;
};
struct proxy_args {
    const char *kind; ///< name of a proxy's recipe
    int64_t client_timeout_ms, server_timeout_ms;
};
struct wire_args {
    struct nat_args *nat;
    struct proxy_args *proxy;
};
struct resolver_args {
    int64_t timeout_ms, attempts;
};
struct host_side_args {
    struct resolver_args *resolver;
    int64_t tcp_keepalive_time_ms, tcp_keepalive_intvl_ms; ///< 0: off
    int64_t tcp_keepalive_probes, tcp_retries2, tcp_syn_retries, tcp_orphan_retries;
    int64_t tcp_mtu_probing;
};
struct host_args {
    struct host_side_args *app, *server;
};
struct scenario_args {
    int64_t goneaway;
    const char *title, *races;
    int cause; ///< index into cause_words
    struct list source, tags, transport, apps, connectors, servers;
    struct dict variants; ///< struct variant_args *
    struct dict groups;   ///< struct list of const char *
    struct list formerly; ///< const char *
    const struct node *promise, *server, *wire, *host, *steps, *evidence, *outcomes;
};
extern const struct type type_server, type_wire, type_host;

#endif

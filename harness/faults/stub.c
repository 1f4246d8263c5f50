// SPDX-License-Identifier: Apache-2.0
// stub.c - what no healthy server does: a scripted peer in the server's place
//
// The stub listens on the server's host, at a port of its own or at a Unix socket next to the
// server's. A child of the worker accepts; each connection gets a thread there that runs the
// script. Their progress is counted in memory shared with the worker.
#include "faults/faults.h"

#include "base/clock.h"
#include "base/proc.h"
#include "plan/parts.h"
#include "run/raw.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

// ---- how it is written -------------------------------------------------------------------------

/** What is in the server's place: the args of fault `stub` are a struct choice of these. */
enum stub_kind { STUB_ABSENT, STUB_DEAF, STUB_DOES, STUB_MISSING, STUB_FILE, STUB_FORBIDDEN };

static const struct verb *const stub_kinds[] = {
    VERB("absent", STUB_ABSENT, NULL, 0,
         "nobody listens: the port is closed, the Unix socket's file is a dead server's"),
    VERB("deaf", STUB_DEAF, NULL, 0,
         "somebody listens who never accepts, and whose queue of connections is full"),
    VERB("does", STUB_DOES, &type_script, 0,
         "what it does on each connection, in order; at the end it closes"),
    VERB("missing", STUB_MISSING, NULL, 0,
         "only over the transport socket: there is no file of that name"),
    VERB("file", STUB_FILE, NULL, 0, "only over the transport socket: a plain file is there"),
    VERB("forbidden", STUB_FORBIDDEN, NULL, 0,
         "only over the transport socket: somebody listens, and the app may not use the file"),
    NULL,
};
static const struct type type_stub = {.name = "stub", .kind = TYPE_CHOICE, .verbs = stub_kinds};

static bool needs_socket(enum stub_kind kind) {
    return kind == STUB_MISSING || kind == STUB_FILE || kind == STUB_FORBIDDEN;
}

static int check(struct plan_case *plan, const struct plan_step *step, struct err *err) {
    const struct choice *stub = step->act.args;
    const struct list *script = stub->args;
    const struct plan_step *other = plan_next_in_force(plan, fault_kind_of(step), NULL);
    if (other)
        return node_error(step->node, err,
                          "the stub '%s' is in the server's place; `lift: %s` comes first",
                          other->name, other->name);
    if (needs_socket((enum stub_kind)stub->verb->id) && plan->transport != TRANSPORT_SOCKET)
        return node_error(stub->node, err,
                          "'%s' is about the Unix socket's file; leave tcp and tls out of "
                          "`transport` here",
                          stub->verb->name);
    if (stub->verb->id == STUB_DOES && script->count == 0)
        return node_error(stub->node, err,
                          "a stub does something, such as `close`, or is `absent`");
    for (size_t i = 0; stub->verb->id == STUB_DOES && i < script->count; i++)
        if (peer_check(plan, &((const struct choice *)script->items)[i], err) < 0)
            return -1;
    return 0;
}

// ---- its state ---------------------------------------------------------------------------------

enum { QUEUE = 64, FILLERS = 2 };

// How long lifting waits for a connection that has not reached the decisive action, milliseconds.
static const double SETTLE_MS = 500;

struct stub_counts {
    atomic_long accepted, over; ///< connections, and how many of them finished the script
    atomic_long decided;        ///< connections that reached the decisive action
    atomic_size_t action;       ///< reached by the latest connection, from 0
};

struct stub {
    pid_t pid;                      ///< the child; 0: none
    int listener, fillers[FILLERS]; ///< -1: none
    struct stub_counts *counts;     ///< shared with the child
    struct raw_address at;
    bool proven;             ///< nobody listens, or nobody accepts: this was tried, or checked
    int64_t connects_before; ///< how often apps had been told to connect to a stub
};

// ---- the child ---------------------------------------------------------------------------------

struct stub_talk {
    int fd;
    const struct list *script;
    struct stub_counts *counts;
};

// The action before which the fault counts as fired: by the time the app notices, it must be
// counted.
static size_t decisive(const struct list *script) {
    const struct choice *actions = script->items;
    for (size_t i = 0; i < script->count; i++)
        if (actions[i].verb->id == PEER_FIRED)
            return i;
    return script->count - 1;
}

static void *talk(void *context) {
    struct stub_talk *talk = context;
    struct peer peer = {.fd = talk->fd};
    enum peer_end end = PEER_DONE;
    for (size_t i = 0; i < talk->script->count && end == PEER_DONE && peer.fd >= 0; i++) {
        struct peer_seen seen = {.sequence = 0};
        atomic_store(&talk->counts->action, i);
        if (i == decisive(talk->script))
            atomic_fetch_add(&talk->counts->decided, 1);
        end = peer_act(&peer, &((const struct choice *)talk->script->items)[i], -1, &seen);
        text_release(&seen.packet);
    }
    if (peer.fd >= 0)
        close(peer.fd);
    atomic_fetch_add(&talk->counts->over, 1);
    free(talk);
    return NULL;
}

static void serve(const struct stub *stub, const struct list *script) {
    int listener = dup2(stub->listener, STDERR_FILENO + 1);
    close_range((unsigned)listener + 1, ~0U, 0);
    for (;;) {
        struct stub_talk *next = xcalloc(1, sizeof *next);
        *next = (struct stub_talk){
            .fd = accept(listener, NULL, NULL), .script = script, .counts = stub->counts};
        atomic_fetch_add(&stub->counts->accepted, 1);
        // sends each action's bytes at once, as a Unix socket does anyway
        const int on = 1;
        setsockopt(next->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        pthread_t thread;
        if (next->fd < 0 || pthread_create(&thread, NULL, talk, next) != 0)
            _exit(1);
        pthread_detach(thread);
    }
}

static int start(struct stub *stub, const struct list *script, struct err *err) {
    void *shared =
        mmap(NULL, sizeof *stub->counts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return err_errno(err, "share memory with the stub");
    stub->counts = shared;
    stub->pid = fork();
    if (stub->pid == 0)
        serve(stub, script);
    return stub->pid < 0 ? err_errno(err, "fork the stub") : 0;
}

// ---- listening, or not -------------------------------------------------------------------------

// Permission masks: who may connect to a Unix socket. The owner's bits apply to an app too, since
// it has no capabilities.
enum { EVERYBODY = 0, NOBODY = 0777 };

static int open_listener(struct case_run *run, struct stub *stub, mode_t refused, int queue,
                         struct err *err) {
    const struct sockaddr *at = &stub->at.any;
    int on = 1;
    stub->listener =
        netns_socket(&run->world->server.netns, at->sa_family, SOCK_STREAM | SOCK_NONBLOCK, err);
    if (stub->listener < 0)
        return -1;
    setsockopt(stub->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    // the mode must be right from the start: the server could replace the name by a link before a
    // chmod()
    mode_t mask = umask(refused);
    int bound = bind(stub->listener, at, stub->at.length);
    umask(mask);
    if (bound < 0 || (queue >= 0 && listen(stub->listener, queue) < 0))
        return err_errno(err, "listen in the server's place");
    // blocking from here on, so that accept() waits
    int flags = fcntl(stub->listener, F_GETFL);
    if (flags < 0 || fcntl(stub->listener, F_SETFL, flags & ~O_NONBLOCK) < 0)
        return err_errno(err, "fcntl");
    return 0;
}

// A Unix socket's file outlives its server; a port leaves nothing behind.
static int be_absent(struct case_run *run, struct stub *stub, double deadline_ms, struct err *err) {
    int failed;
    if (open_listener(run, stub, EVERYBODY, -1, err) < 0)
        return -1;
    close(stub->listener);
    stub->listener = -1;
    cleanup_close int fd = raw_dial(&run->world->app, &stub->at, deadline_ms, &failed, err);
    stub->proven = failed == ECONNREFUSED;
    return fd < 0 ? -1 : 0;
}

// The accept queue of a TCP listener is full once it exceeds its backlog.
static bool queue_is_full(const struct stub *stub, int last_errno) {
    struct tcp_info info;
    socklen_t size = sizeof info;
    if (stub->at.any.sa_family == AF_UNIX)
        return last_errno == EAGAIN;
    return getsockopt(stub->listener, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
           info.tcpi_unacked > info.tcpi_sacked;
}

// Fills its own accept queue.
static int be_deaf(struct case_run *run, struct stub *stub, double deadline_ms, struct err *err) {
    int failed = 0;
    if (open_listener(run, stub, EVERYBODY, 0, err) < 0)
        return -1;
    for (int i = 0; i < FILLERS && !queue_is_full(stub, failed); i++) {
        stub->fillers[i] =
            raw_dial(&run->world->server.netns, &stub->at, deadline_ms, &failed, err);
        if (stub->fillers[i] < 0)
            return -1;
    }
    stub->proven = queue_is_full(stub, failed);
    return 0;
}

static int answer(struct case_run *run, struct stub *stub, const struct list *script,
                  struct err *err) {
    if (open_listener(run, stub, EVERYBODY, QUEUE, err) < 0)
        return -1;
    return start(stub, script, err);
}

// ---- the Unix socket's file --------------------------------------------------------------------

// The server's container can write to the folder, so the file is checked, not assumed.
static bool file_is(const struct stub *stub, mode_t type, mode_t rights) {
    struct stat seen;
    if (lstat(stub->at.un.sun_path, &seen) < 0)
        return type == 0 && errno == ENOENT;
    return (seen.st_mode & S_IFMT) == type && (seen.st_mode & 0777) == rights;
}

static int be_missing(struct stub *stub) {
    stub->proven = file_is(stub, 0, 0);
    return 0;
}

// Everybody may write to it, so that its type decides, not its mode.
static int be_file(struct stub *stub, struct err *err) {
    mode_t mask = umask(EVERYBODY);
    cleanup_close int file =
        open(stub->at.un.sun_path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    umask(mask);
    if (file < 0)
        return err_errno(err, "put a file in the server's place");
    stub->proven = file_is(stub, S_IFREG, 0666);
    return 0;
}

static int be_forbidden(struct case_run *run, struct stub *stub, struct err *err) {
    if (open_listener(run, stub, NOBODY, QUEUE, err) < 0)
        return -1;
    stub->proven = file_is(stub, S_IFSOCK, 0);
    return 0;
}

// ---- the fault ---------------------------------------------------------------------------------

static int arm(struct case_run *run, struct case_fault *fault, double deadline_ms,
               struct err *err) {
    const struct choice *kind = fault->step->act.args;
    struct stub *stub = fault->state;
    *stub =
        (struct stub){.listener = -1, .fillers = {-1, -1}, .connects_before = run->stub_connects};
    if (raw_find_address(&run->world->server, case_on_socket(run), STUB_SOCKET_FILE, STUB_PORT,
                         &stub->at, err) < 0)
        return -1;
    switch ((enum stub_kind)kind->verb->id) {
    case STUB_ABSENT:
        return be_absent(run, stub, deadline_ms, err);
    case STUB_DEAF:
        return be_deaf(run, stub, deadline_ms, err);
    case STUB_DOES:
        return answer(run, stub, kind->args, err);
    case STUB_MISSING:
        return be_missing(stub);
    case STUB_FILE:
        return be_file(stub, err);
    case STUB_FORBIDDEN:
        return be_forbidden(run, stub, err);
    }
    return -1;
}

static int count(struct case_run *run, struct case_fault *fault, struct err *err) {
    const struct stub *stub = fault->state;
    (void)err;
    if (stub->counts)
        fault->fired = atomic_load(&stub->counts->decided);
    else if (stub->proven) // nobody is there to count who comes
        fault->fired = run->stub_connects - stub->connects_before;
    return 0;
}

// An app may have seen all it needs before its connection's thread continues.
static void settle(const struct stub_counts *counts) {
    double deadline_ms = clock_ms() + SETTLE_MS;
    while (atomic_load(&counts->decided) == 0 &&
           atomic_load(&counts->accepted) > atomic_load(&counts->over) && clock_ms() < deadline_ms)
        clock_wait(1, -1);
}

// For a stub that got a connection, which did not get far.
static char *where_it_stands(const struct stub_counts *counts, const struct list *script) {
    size_t action = atomic_load(&counts->action);
    const struct choice *actions = script->items;
    if (atomic_load(&counts->decided) > 0 || atomic_load(&counts->accepted) == 0 ||
        atomic_load(&counts->accepted) == atomic_load(&counts->over))
        return NULL;
    return xprintf("its stub stands at action %zu of %zu, `%s`", action + 1, script->count,
                   actions[action].verb->name);
}

static int lift(struct case_run *run, struct case_fault *fault, double deadline_ms,
                struct err *err) {
    struct stub *stub = fault->state;
    const struct choice *kind = fault->step->act.args;
    (void)deadline_ms;
    if (stub->pid > 0) {
        settle(stub->counts);
        fault->waits = where_it_stands(stub->counts, kind->args);
        proc_kill(stub->pid);
    }
    count(run, fault, err);
    for (int i = 0; i < FILLERS; i++)
        if (stub->fillers[i] >= 0)
            close(stub->fillers[i]);
    if (stub->listener >= 0)
        close(stub->listener);
    if (stub->at.any.sa_family == AF_UNIX)
        unlink(stub->at.un.sun_path);
    if (stub->counts)
        munmap(stub->counts, sizeof *stub->counts);
    return 0;
}

static const struct kind_effect *effect_of(const struct choice *act) {
    static const struct kind_effect effect = {
        .words = "it is in the server's place for who connects {to: stub}",
        .cause = "wrong-peer",
        .promise = PROMISE_ANY,
        .because = "what the stub does decides",
        .lasts = true};
    (void)act;
    return &effect;
}

const struct fault_kind fault_stub = {
    .word = {"stub", 0, &type_stub, 0,
             "what an app that says `connect: {to: stub}` meets in place of the server; one at a "
             "time. It fires for each app that reaches the decisive action, or that is told to "
             "connect where nobody listens or accepts"},
    .tale = "something else takes the server's place: {}",
    .effect = effect_of,
    .mechanism = "stub",
    .check = check,
    .replaces_server = true,
    .arm = arm,
    .lift = lift,
    .count = count,
    .state_bytes = sizeof(struct stub),
};

// SPDX-License-Identifier: Apache-2.0
// lab.c - `goneaway lab`: somebody's own command in the app's host, with faults on request
//
// The world is a case's, by batch/carry.c, and lab/ keeps it. When it is ready, its worker says so
// like a step that has ended; then the command starts.
#include "base/clock.h"
#include "base/proc.h"
#include "base/text.h"
#include "batch/carry.h"
#include "lab/command.h"
#include "lab/contract.h"
#include "lab/lab.h"
#include "main/commands.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

/** How long the command may take to end once it was told to. */
enum { GRACE_MS = 10000 };

/** All state of the command; `lab` comes first, as the worker has that alone. */
struct laboratory {
    struct lab lab;
    const struct options *options;
    struct options filled;
    struct carry carry;
    pid_t supervisor; ///< of the user's command; 0: not started
    double end_ms;    ///< when the command must have ended; 0: it need not
    int stop;         ///< an eventfd: the world is to end
    struct err err;   ///< why the command did not start
    char *broken;     ///< why there is no world
};

// ---- while it runs -----------------------------------------------------------------------------

static int start_command(struct laboratory *laboratory, struct err *err) {
    struct lab *lab = &laboratory->lab;
    struct lab_world world;
    static char *shell[] = {"/bin/sh", NULL};
    const char *own = getenv("SHELL");
    if (lab_take_world(lab, &world, err) < 0)
        return -1;
    if (own && *own)
        shell[0] = (char *)own;
    char **variables = lab_variables(lab, &world);
    cleanup_free char **env = lab_environment(variables);
    const struct lab_command command = {
        .argv = laboratory->options->argument_count > 0 ? laboratory->options->arguments : shell,
        .env = env,
        .folder = &lab->folder,
        .user = world.user,
        .netns = world.netns,
        .sockets = world.sockets,
        .link = lab->link[0],
        .signals = &laboratory->carry.attend.before,
        .umask = (mode_t)laboratory->options->umask};
    int ret = lab_command_start(&command, &laboratory->supervisor, err);
    if (ret < 0)
        laboratory->supervisor = 0;
    for (char **variable = variables; *variable; variable++)
        free(*variable);
    free(variables);
    close(world.user);
    close(world.netns);
    close(world.sockets);
    return ret;
}

// The world ends when nobody holds this end any more.
static void let_go(struct laboratory *laboratory) {
    if (laboratory->lab.link[0] >= 0)
        close(laboratory->lab.link[0]);
    laboratory->lab.link[0] = -1;
}

static void begin(void *context, const struct run_item *item, const struct record *step) {
    struct laboratory *laboratory = context;
    (void)item, (void)step;
    start_command(laboratory, &laboratory->err);
    let_go(laboratory);
}

static bool take(void *context, const struct run_item *item, struct record *record) {
    struct laboratory *laboratory = context;
    (void)item;
    laboratory->broken = xstrdup(record->broken);
    return false;
}

static void warn(void *context, const struct run_item *item, const char *what) {
    (void)context, (void)item;
    fprintf(stderr, "goneaway: warning: %s\n", what);
}

static void stop(struct laboratory *laboratory) {
    eventfd_write(laboratory->stop, 1);
}

// The command ends first, with its world still there; a Ctrl-C at the terminal it gets itself, and
// may ignore. A second signal, or time, ends the world with it.
static void tick(void *context) {
    struct laboratory *laboratory = context;
    struct signalfd_siginfo info;
    struct pollfd signals = {.fd = laboratory->carry.attend.fd, .events = POLLIN};
    if (laboratory->supervisor == 0) { // carry_end() lets it have its way
        if (poll(&signals, 1, 0) > 0)
            stop(laboratory);
        return;
    }
    while (read(laboratory->carry.attend.fd, &info, sizeof info) == (ssize_t)sizeof info) {
        bool typed = info.ssi_code == SI_KERNEL && info.ssi_signo == SIGINT;
        if (typed)
            continue;
        if (laboratory->end_ms > 0)
            stop(laboratory);
        kill(laboratory->supervisor, (int)info.ssi_signo);
        laboratory->end_ms = clock_ms() + GRACE_MS;
    }
    if (laboratory->end_ms > 0 && clock_ms() >= laboratory->end_ms)
        stop(laboratory);
}

// ---- from its arguments to its exit status -----------------------------------------------------

static int read_transport(struct laboratory *laboratory, struct err *err) {
    const char *asked = laboratory->options->transports;
    for (int i = 0; asked && i < TRANSPORT_COUNT; i++)
        if (strcmp(asked, transport_words[i].name) == 0 && i != TRANSPORT_TLS) {
            laboratory->lab.transport = (enum transport)i;
            return 0;
        }
    if (!asked)
        return 0;
    err_usage(err, "a lab is over tcp or socket, not '%s'", asked);
    return err_remedy(err, "over tcp a client of yours may use TLS or not, as it likes");
}

// The world needs a server, and no connector.
static int prepare(struct laboratory *laboratory, struct err *err) {
    static const struct connector_recipe nobody = {.name = "lab", .family = "lab"};
    struct carry *carry = &laboratory->carry;
    laboratory->filled = *laboratory->options;
    laboratory->filled.case_timeout_ms = 0;
    struct scenario *scenario = outside_open(laboratory->lab.transport);
    scenario->cases->needs = NEED_BIT(NEED_NAMES) | NEED_BIT(NEED_FIREWALL);
    carry->catalog = catalog_of(scenario);
    if (carry_open(carry, &laboratory->filled, err) < 0 || carry_choose(carry, err) < 0)
        return -1;
    carry_choose_ready_server(carry);
    carry->lineup.connector_count = 0;
    if (carry->lineup.server_count != 1)
        return err_usage(err, "a lab has one server");
    if (carry_prepare(carry, err) < 0)
        return -1;
    cases_add_one(&carry->cases, carry->home, scenario->cases, carry->lineup.servers[0], &nobody);
    return carry_equip(carry, err);
}

static int open_lab(struct laboratory *laboratory, struct err *err) {
    struct lab *lab = &laboratory->lab;
    lab->served = laboratory->carry.machine.needs[NEED_NAMES].met;
    laboratory->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (laboratory->stop < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, lab->link) < 0)
        return err_errno(err, "open the lab");
    return lab_folder_open(&lab->folder, lab->served, err);
}

// Ends the command, if it has not ended, with all that it has started.
static int end_command(struct laboratory *laboratory, bool stopped) {
    int status = 0;
    if (laboratory->supervisor <= 0)
        return STATUS_MACHINE;
    if (stopped)
        kill(laboratory->supervisor, SIGKILL);
    while (waitpid(laboratory->supervisor, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// The status is the command's, also of one that a Ctrl-C has just ended.
static void forget_signals(const struct laboratory *laboratory) {
    struct signalfd_siginfo info;
    while (laboratory->supervisor > 0 &&
           read(laboratory->carry.attend.fd, &info, sizeof info) == (ssize_t)sizeof info)
        ;
}

static int carry_out_command(struct laboratory *laboratory, struct err *err) {
    struct carry *carry = &laboratory->carry;
    const int keep[] = {laboratory->lab.folder.listener, laboratory->lab.link[1], -1};
    const struct dispatch_options how = {.step = begin,
                                         .result = take,
                                         .tick = tick,
                                         .warn = warn,
                                         .context = laboratory,
                                         .keep = keep,
                                         .stop_fd = laboratory->stop,
                                         .carry_out = lab_carry_out};
    if (carry_begin(carry, err) < 0)
        return -1;
    int ret = carry_out(carry, &how, err);
    let_go(laboratory);
    int status = end_command(laboratory, ret != 0 || laboratory->broken);
    forget_signals(laboratory);
    carry_end(carry);
    if (ret < 0)
        return -1;
    if (laboratory->broken)
        return err_set(err, "%s", laboratory->broken);
    if (laboratory->err.what[0]) {
        *err = laboratory->err;
        return -1;
    }
    return status;
}

static int run_lab(struct laboratory *laboratory, struct err *err) {
    // what the command has left is waited for, so that nothing is there when this ends
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
        return err_errno(err, "prctl PR_SET_CHILD_SUBREAPER");
    if (read_transport(laboratory, err) < 0 || prepare(laboratory, err) < 0 ||
        open_lab(laboratory, err) < 0)
        return -1;
    return carry_out_command(laboratory, err);
}

static int print_contract(void) {
    json_t *contract = lab_contract();
    json_dumpf(contract, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(contract);
    return STATUS_OK;
}

int command_lab(const struct options *options, struct err *err) {
    if (options->schema)
        return print_contract();
    struct laboratory laboratory = {.lab = {.link = {-1, -1}}, .options = options, .stop = -1};
    int ret = run_lab(&laboratory, err);
    lab_folder_close(&laboratory.lab.folder);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
        ;
    carry_release(&laboratory.carry);
    free(laboratory.broken);
    return ret;
}

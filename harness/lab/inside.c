// SPDX-License-Identifier: Apache-2.0
// inside.c - the worker of a lab: builds the world, keeps it, and makes it anew
#include "lab/lab.h"

#include "base/clock.h"
#include "base/file.h"
#include "lab/control.h"
#include "run/worker.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>

/** As in linux/mount.h, see sandbox/root.c. */
enum { TREE_CLONE = 1, TREE_RECURSIVE = 0x8000 };

/** A mount that the command has too. What is mounted below it here is mounted there as well, so
 * that another server's socket takes the place of the former one's. */
#define SHARED SANDBOX_DIR "/lab"
#define SHARED_SOCKETS SHARED "/server"

// ---- the server's socket -----------------------------------------------------------------------

static int make_shared(struct err *err) {
    if (file_make_folders(SHARED, 0700, err) < 0)
        return -1;
    if (mount("tmpfs", SHARED, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0700,size=1m") < 0 ||
        mount(NULL, SHARED, NULL, MS_SHARED, NULL) < 0)
        return err_errno(err, "mount %s", SHARED);
    return file_make_folders(SHARED_SOCKETS, 0700, err);
}

static int share_sockets(int *ret_tree, struct err *err) {
    *ret_tree =
        (int)syscall(SYS_open_tree, AT_FDCWD, SHARED, TREE_CLONE | TREE_RECURSIVE | O_CLOEXEC);
    return *ret_tree < 0 ? err_errno(err, "share %s", SHARED) : 0;
}

static int show_sockets(const struct server *server, struct err *err) {
    enum { LOCKED = MS_RDONLY | MS_NOSUID | MS_NODEV };
    umount2(SHARED_SOCKETS, MNT_DETACH); // the former server's
    if (mount(server->sockets, SHARED_SOCKETS, NULL, MS_BIND, NULL) < 0 ||
        mount(NULL, SHARED_SOCKETS, NULL, MS_REMOUNT | MS_BIND | LOCKED, NULL) < 0)
        return err_errno(err, "show the server's socket");
    return 0;
}

// ---- rounds ------------------------------------------------------------------------------------

// The name service is there from the start, since the command's files lead to it. That nobody has
// asked it, the server need not be told: it looks no names up, unless an option makes it.
static int set_up(struct inside *inside, struct err *err) {
    struct case_run *run = inside->run;
    struct plan_case *plan = inside->scenario->cases;
    if (!run->served) {
        *err = run->err;
        return -1;
    }
    plan->looks_up_names = inside->lab->served && !run->world->names.open;
    int ret = case_set_up(run, err);
    plan->looks_up_names = false;
    run->began_ms = clock_ms();
    return ret < 0 ? -1 : show_sockets(&run->world->server, err);
}

void inside_expect(struct inside *inside) {
    const struct case_run *run = inside->run;
    bool leaves = inside->spends || run->plan->dirties_server || run->world->server.spoilt;
    if (inside->expected || !leaves)
        return;
    inside->expected = true;
    case_expect(run->world, run->plan, inside->server, true);
}

int inside_reset(struct inside *inside, bool *ret_fresh, struct err *err) {
    struct case_run *run = inside->run;
    struct scenario *before = inside->scenario, *next = outside_open(inside->lab->transport);
    struct record *seen = inside->record;
    struct case_job job = {.plan = next->cases,
                           .world = run->world,
                           .server = inside->server,
                           .connector = run->connector,
                           .time_scale = run->time_scale,
                           .watching = run->watching};
    struct err unlifted;
    pid_t server = server_pid(&run->world->server);
    if (faults_finish(run, &unlifted) < 0)
        world_retire_server(run->world, "a fault cannot be lifted");
    if (run->plan->dirties_server)
        world_retire_server(run->world, "a step or fault dirties it");
    inside->record = job.record = record_new(next->cases->id);
    inside->scenario = next;
    inside->expected = false;
    case_begin_anew(run, &job);
    record_free(seen);
    if (inside->rounds++ > 0) // the first one is the catalogue's
        scenario_free(before);
    int ret = set_up(inside, err);
    *ret_fresh = server_pid(&run->world->server) != server;
    inside->spends |= *ret_fresh;
    return ret < 0 ? err_context(err, "make the world as new") : 0;
}

// ---- the worker --------------------------------------------------------------------------------

static int hand_on(struct inside *inside, const struct control *control, int tree,
                   struct err *err) {
    static const struct plan_step ready = {.number = 1, .kind = STEP_IDLE};
    struct case_run *run = inside->run;
    cleanup_close int user = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
    const struct lab_world world = {
        .user = user, .netns = run->world->app.fd, .sockets = tree, .port = control_port(control)};
    if (user < 0)
        return err_errno(err, "/proc/self/ns/user");
    if (lab_send_world(inside->lab, &world, err) < 0)
        return -1;
    run->watcher(run->watching, run, &ready, NULL);
    return 0;
}

static int serve(struct inside *inside, struct err *err) {
    cleanup_close int tree = -1;
    struct control *control = NULL;
    int ret = make_shared(err);
    if (ret == 0)
        ret = set_up(inside, err);
    if (ret == 0)
        ret = share_sockets(&tree, err);
    if (ret == 0)
        ret = control_open(&control, inside, err);
    if (ret == 0)
        ret = hand_on(inside, control, tree, err);
    if (ret == 0)
        ret = control_serve(control, inside->lab->link[1], err);
    control_close(control);
    return ret;
}

// Of what the command does, nothing is recorded.
void lab_carry_out(struct case_run *run) {
    const struct worker_setup *setup = run->watching;
    struct lab *lab = setup->options->context;
    struct record *record = run->record;
    struct err err = {0}, unlifted;
    struct inside inside = {.lab = lab,
                            .run = run,
                            .scenario = (struct scenario *)run->plan->scenario,
                            .server = run->world->server.recipe};
    if (serve(&inside, &err) < 0)
        record->broken =
            err.remedy[0] ? xprintf("%s\nremedy: %s", err.what, err.remedy) : xstrdup(err.what);
    faults_finish(run, &unlifted);
    world_retire_server(run->world, "the lab has ended");
    record_free(inside.record);
    run->record = record;
}

// SPDX-License-Identifier: Apache-2.0
// run.c - `goneaway run`: which cases run where, and what becomes of their records
#include "base/clock.h"
#include "main/catalog.h"
#include "main/known.h"
#include "main/places.h"
#include "main/prepare.h"
#include "main/shard.h"
#include "report/report.h"
#include "run/dispatch.h"
#include "run/items.h"
#include "verdict/verdict.h"
#include "world/recall.h"
#include "world/room.h"

#include <errno.h>
#include <fnmatch.h>
#include <locale.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>

/** One run from its arguments to its exit status. */
struct session {
    const struct options *options;
    const char *home; // folder with scenarios and fixtures
    struct catalog catalog;
    struct chosen chosen;
    struct places places;
    struct need_state needs[NEED_COUNT];
    struct need_cost need_cost;
    struct limits limits;
    struct reports reports;
    struct report_summary summary;
    size_t item_count;
    struct run_item *items;
    size_t skipped_count;     // items at the end of `items` that the machine cannot run
    bool requires_operations; // of --require
    bool lacks_operations;    // some connector does
    struct report_shard shard;
    const struct proxy_recipe *missing_proxy; // whose image could not be had
    char *missing_proxy_why;
};

// ---- which cases -------------------------------------------------------------------------------

static bool in_list(const char *list, const char *name) {
    cleanup_free char *copy = xstrdup(list);
    char *rest = copy;
    for (char *word; rest && (word = strsep(&rest, ","));)
        if (strcmp(word, name) == 0)
            return true;
    return !list;
}

static int check_transports(const char *list, struct err *err) {
    cleanup_free char *copy = xstrdup(list);
    char *rest = copy;
    for (char *word; rest && (word = strsep(&rest, ","));) {
        bool known = false;
        for (int i = 0; i < TRANSPORT_COUNT; i++)
            known |= strcmp(word, transport_words[i].name) == 0;
        if (!known)
            return err_usage(err, "there is no transport '%s'; there is tcp, socket and tls", word);
    }
    return 0;
}

// Takes back the choice of cases that --transport and --only leave out.
static void narrow(struct session *session) {
    const struct options *options = session->options;
    for (size_t i = 0; i < session->catalog.count; i++) {
        struct selection *item = &session->catalog.items[i];
        for (size_t k = 0; k < item->scenario->case_count; k++) {
            const struct plan_case *plan = &item->scenario->cases[k];
            if (!in_list(options->transports, transport_words[plan->transport].name) ||
                (options->only && fnmatch(options->only, plan->id, 0) != 0))
                item->chosen[k] = false;
        }
    }
}

// Gets a proxy for the chosen cases. An image that cannot be had is no failure of the run: its
// cases are skipped.
static int prepare_proxy(struct session *session, struct proxy_recipe *recipe, struct err *err) {
    if (recipe == session->missing_proxy)
        return 0;
    if (image_proxy_prepare(&session->chosen.images, recipe, prepare_progress, stderr, err) == 0)
        return 1;
    session->missing_proxy = recipe;
    session->missing_proxy_why = xprintf("%s; remedy: %s", err->what, err->remedy);
    return recipe->reference ? 0 : -1;
}

static int prepare_proxies(struct session *session, struct err *err) {
    for (size_t i = 0; i < session->item_count; i++) {
        struct run_item *item = &session->items[i];
        const struct wire_args *wire = item->plan->wire;
        if (!wire || !wire->proxy)
            continue;
        struct proxy_recipe *recipe = images_proxy(&session->chosen.images, wire->proxy->kind, err);
        if (!recipe)
            return err_context(err, "%s", item->plan->id);
        int got = prepare_proxy(session, recipe, err);
        if (got < 0)
            return -1;
        item->proxy = got > 0 ? recipe : NULL;
    }
    return 0;
}

static void add_item(struct session *session, const struct plan_case *plan,
                     const struct server_recipe *server, const struct connector_recipe *connector) {
    session->items = xrealloc(session->items, session->item_count + 1, sizeof *session->items);
    session->items[session->item_count++] =
        (struct run_item){.plan = plan, .server = server, .connector = connector};
}

static bool is_for_server(const struct scenario *scenario, const struct server_recipe *server) {
    struct place place = {
        .server = server->name, .vendor = server->vendor, .server_version = server->version};
    return plan_is_for_server(scenario, &place);
}

static void add_case(struct session *session, const struct plan_case *plan) {
    const struct chosen *chosen = &session->chosen;
    for (size_t s = 0; s < chosen->server_count; s++)
        for (size_t c = 0; c < chosen->connector_count; c++)
            if (connector_is_for(chosen->connectors[c], plan->scenario) &&
                is_for_server(plan->scenario, chosen->servers[s]))
                add_item(session, plan, chosen->servers[s], chosen->connectors[c]);
}

// Every item as often as the run repeats it, numbered from 1.
static void repeat_items(struct session *session) {
    size_t times = (size_t)session->options->repeat, count = session->item_count * times;
    if (times == 1)
        return;
    struct run_item *items = xcalloc(count + 1, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        items[i] = session->items[i / times];
        items[i].repeat = (int)(i % times) + 1;
    }
    free(session->items);
    session->items = items;
    session->item_count = count;
}

static int add_cases(struct session *session, struct err *err) {
    const struct options *options = session->options;
    for (size_t i = 0; i < session->catalog.count; i++) {
        const struct selection *item = &session->catalog.items[i];
        for (size_t k = 0; k < item->scenario->case_count; k++)
            if (item->chosen[k])
                add_case(session, &item->scenario->cases[k]);
    }
    if (shard_choose(session->items, &session->item_count, options->shards ? options->shard : 1,
                     options->shards ? options->shards : 1, options->repeat, &session->shard,
                     err) < 0)
        return -1;
    repeat_items(session);
    return 0;
}

// ---- needs -------------------------------------------------------------------------------------

// No case at all can run without the needs up to sockets, but for firewalls; the others are those
// of the cases that use them.
static bool is_general(enum need need) {
    return need <= NEED_SOCKETS && need != NEED_FIREWALL;
}

static bool case_wants(const struct plan_case *plan, enum need need) {
    return is_general(need) || plan->needs & NEED_BIT(need);
}

// The first need of a case that is missing, or -1.
static int missing_need(const struct session *session, const struct plan_case *plan) {
    for (int need = 0; need < NEED_COUNT; need++)
        if (!session->needs[need].met && case_wants(plan, (enum need)need))
            return need;
    return -1;
}

static json_t *needs_json(const struct session *session) {
    json_t *needs = json_object();
    for (int i = 0; i < NEED_COUNT; i++)
        if (!session->needs[i].unasked)
            json_object_set_new(needs, need_names[i],
                                session->needs[i].met ? json_true()
                                                      : json_string(session->needs[i].how));
    return needs;
}

// What it took to find that out in this run.
static json_t *probes_json(const struct need_cost *cost) {
    return json_pack("{s:i, s:i, s:f}", "tried", cost->tried, "processes", cost->processes, "ms",
                     round(cost->ms * 10) / 10);
}

static int unknown_need(const char *name, struct err *err) {
    cleanup_text struct text list = {0};
    for (int i = 0; i < NEED_COUNT; i++)
        text_printf(&list, "%s, ", need_names[i]);
    return err_usage(err, "there is no need '%s'; there is %soperations and all", name,
                     text_get(&list));
}

// What hardly any ordinary user has must be asked for by name.
static bool is_required(const char *list, enum need need) {
    return list && (in_list(list, need_names[need]) ||
                    (in_list(list, "all") && need != NEED_MEMORY_CGROUP));
}

static int check_require(struct session *session, struct err *err) {
    cleanup_free char *copy = xstrdup(session->options->require);
    char *rest = copy;
    for (char *word; rest && (word = strsep(&rest, ","));) {
        bool operations = strcmp(word, "operations") == 0;
        bool known = operations || strcmp(word, "all") == 0;
        session->requires_operations |= operations;
        for (int i = 0; i < NEED_COUNT; i++) {
            known |= strcmp(word, need_names[i]) == 0;
            if (is_required(word, (enum need)i) && !session->needs[i].met) {
                err_set(err, "the need '%s' is required and missing: %s", need_names[i],
                        session->needs[i].how);
                return err_remedy(err, "%s", session->needs[i].remedy);
            }
        }
        if (!known)
            return unknown_need(word, err);
    }
    return 0;
}

static bool some_case_wants(const struct session *session, enum need need) {
    for (size_t i = 0; i < session->catalog.count; i++) {
        const struct selection *item = &session->catalog.items[i];
        for (size_t k = 0; k < item->scenario->case_count; k++)
            if (item->chosen[k] && case_wants(&item->scenario->cases[k], need))
                return true;
    }
    return false;
}

// Tries what some case uses or the user requires, unless an earlier run has.
static int try_needs(struct session *session, struct err *err) {
    const char *cache = session->chosen.images.cache;
    for (int i = 0; i < NEED_COUNT; i++)
        session->needs[i].unasked = !is_required(session->options->require, (enum need)i) &&
                                    !some_case_wants(session, (enum need)i);
    session->needs[NEED_NETEM].only = netem_backend_named(session->options->netem);
    recall_needs(cache, goneaway_version, session->needs);
    limits_open(&session->limits);
    if (needs_probe(session->needs, &session->limits, &session->need_cost, err) < 0)
        return -1;
    recall_keep(cache, goneaway_version, session->needs);
    return 0;
}

static int probe(struct session *session, struct err *err) {
    if (try_needs(session, err) < 0 || check_require(session, err) < 0)
        return -1;
    // without these no case at all can run
    for (int i = 0; i < NEED_COUNT; i++)
        if (is_general((enum need)i) && !session->needs[i].unasked && !session->needs[i].met) {
            err_set(err, "this machine lacks %s: %s", need_docs[i], session->needs[i].how);
            return err_remedy(err, "%s", session->needs[i].remedy);
        }
    return 0;
}

// ---- results -----------------------------------------------------------------------------------

static void quote(struct text *text, const char *word) {
    if (*word && !word[strcspn(word, "*?[]$&;|<>(){}'\"\\ !#~`\t\n")]) {
        text_printf(text, " %s", word);
        return;
    }
    text_add(text, " '");
    for (; *word; word++)
        if (*word == '\'')
            text_add(text, "'\\''");
        else
            text_append(text, word, 1);
    text_add(text, "'");
}

static void quote_adapter(struct text *text, const struct connector_recipe *connector) {
    const char *command = ((const char **)connector->command.items)[2];
    bool named = !connector->named_by_hello;
    cleanup_free char *value =
        xprintf("%s%s%s", named ? connector->name : "", named ? "=" : "", command);
    text_add(text, " --adapter");
    quote(text, value);
}

// The command that runs this very case again.
static char *rerun_command(const struct session *session, const struct run_item *item) {
    struct text text = {0};
    const struct scenario *scenario = item->plan->scenario;
    bool by_file = false;
    for (size_t i = 0; i < session->catalog.count; i++)
        if (session->catalog.items[i].scenario == scenario)
            by_file = session->catalog.items[i].by_file;
    text_printf(&text, "%s run", program_invocation_name);
    quote(&text, by_file ? scenario->file : item->plan->id);
    if (by_file) {
        text_add(&text, " --only");
        quote(&text, item->plan->id);
    }
    text_printf(&text, " --server %s", item->server->name);
    for (int i = 0; i < session->options->folder_count; i++) {
        text_add(&text, " --connectors");
        quote(&text, session->options->folders[i]);
    }
    if (item->connector->on_host) {
        quote_adapter(&text, item->connector);
        for (int i = 0; i < session->options->adapter_path_count; i++) {
            text_add(&text, " --adapter-path");
            quote(&text, session->options->adapter_paths[i]);
        }
    } else {
        text_printf(&text, " --connector %s", item->connector->name);
    }
    return text.data;
}

// A server or an adapter that does not start may have lost a part of it.
static void blame_cache(struct session *session, const struct run_item *item,
                        struct record *record) {
    cleanup_free char *damage =
        image_blame(&session->chosen.images, item->server, item->connector, item->proxy);
    if (!damage)
        return;
    cleanup_free char *seen = record->broken;
    record->broken = xprintf("%s\n%s", damage, seen);
}

static void add_package(struct record *record, const struct server_recipe *server) {
    const char *measured = server_measured(server);
    free(record->server_package); // a worker has nothing to say about it
    free(record->server_measured);
    record->server_package = xstrdup(server->package);
    record->server_measured = xstrdup(measured);
}

// A connector that its hello names has that name in all records once it is known, also of cases in
// which it has not come to say hello.
static void name_by_hello(struct session *session, const struct run_item *item,
                          struct record *record) {
    struct images *images = &session->chosen.images;
    for (size_t i = 0; i < images->connector_count; i++) {
        struct connector_recipe *connector = &images->connectors[i];
        if (connector != item->connector || !connector->named_by_hello)
            continue;
        if (strcmp(record->connector, connector->name) != 0 && record->family)
            connector->name = arena_printf(images->arena, "%s", record->connector);
        free(record->connector);
        record->connector = xstrdup(connector->name);
    }
}

static bool take_record(void *context, const struct run_item *item, struct record *record) {
    struct session *session = context;
    struct verdict verdict;
    add_package(record, item->server);
    name_by_hello(session, item, record);
    if (record->broken)
        blame_cache(session, item, record);
    cleanup_free char *rerun = rerun_command(session, item);
    cleanup_free char *path = catalog_relative(session->home, item->plan->scenario->file);
    verdict_of(item->plan, record, session->options->time_scale, &verdict);
    record_shorten_log(record);
    struct report_case result = {.plan = item->plan,
                                 .record = record,
                                 .verdict = &verdict,
                                 .rerun = rerun,
                                 .repeat = item->repeat,
                                 .path = path};
    session->summary.counts[verdict.kind]++;
    reports_case(&session->reports, &result);
    session->lacks_operations |= verdict.of_connector;
    bool hold = session->options->keep && verdict_is_trouble(verdict.kind);
    verdict_release(&verdict);
    return hold;
}

static void hold(void *context, const struct run_item *item, pid_t worker) {
    (void)context;
    fprintf(stderr,
            "\n%s is held. Enter its world with\n"
            "  nsenter --target %d --user --mount --net --pid --preserve-credentials\n"
            "where /run/goneaway holds the server's files, and `mysql --socket` reaches it at\n"
            "  /run/goneaway/server-*/sockets/mysqld.sock\n"
            "Press Enter to go on.",
            item->plan->id, worker);
    for (int c; (c = getchar()) != '\n' && c != EOF;)
        ;
}

static void warn(void *context, const struct run_item *item, const char *what) {
    (void)context;
    fprintf(stderr, "goneaway: warning: %s: %s\n", item->plan->id, what);
}

// Why this machine cannot run a case, to be freed; NULL: it can.
static char *why_skipped(const struct session *session, const struct run_item *item) {
    int need = missing_need(session, item->plan);
    if (need >= 0)
        return xprintf("needs %s: %s; remedy: %s", need_docs[need], session->needs[need].how,
                       session->needs[need].remedy);
    if (item->plan->wire && item->plan->wire->proxy && !item->proxy)
        return xprintf("needs %s", session->missing_proxy_why);
    return NULL;
}

static void skip(struct session *session, const struct run_item *item, const char *why) {
    cleanup_record struct record *record = record_new(item->plan->id);
    record->server = xstrdup(item->server->name);
    record->vendor = xstrdup(item->server->vendor);
    record->server_version = xstrdup(item->server->version);
    record->connector = xstrdup(item->connector->name);
    record->connector_version = xstrdup("");
    record->skip = xstrdup(why);
    take_record(session, item, record);
}

// Puts the cases that this machine cannot run behind the others.
static void set_skipped_apart(struct session *session) {
    cleanup_free struct run_item *all = xcalloc(session->item_count + 1, sizeof *all);
    size_t count = session->item_count, kept = 0;
    memcpy(all, session->items, count * sizeof *all);
    session->skipped_count = 0;
    for (size_t i = 0; i < count; i++) {
        cleanup_free char *why = why_skipped(session, &all[i]);
        if (why)
            session->items[count - ++session->skipped_count] = all[i];
        else
            session->items[kept++] = all[i];
    }
    session->item_count = kept;
}

static void skip_items(struct session *session) {
    for (size_t i = session->skipped_count; i-- > 0;) {
        const struct run_item *item = &session->items[session->item_count + i];
        cleanup_free char *why = why_skipped(session, item);
        skip(session, item, why);
    }
}

// ---- the run -----------------------------------------------------------------------------------

static int open_reports(struct session *session, struct err *err) {
    for (int i = 0; i < session->options->report_count; i++)
        if (reports_add(&session->reports, session->options->reports[i], err) < 0)
            return -1;
    return reports_use_stdout(&session->reports) ? 0 : reports_add(&session->reports, "human", err);
}

static int choose_images(struct session *session, struct err *err) {
    chosen_drop_unused(&session->chosen, &session->catalog, session->options);
    return chosen_prepare(&session->chosen, stderr, err);
}

// A descriptor from which SIGINT and the like are read.
static int stop_signals(sigset_t *ret_before, struct err *err) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, ret_before);
    int fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd >= 0 ? fd : err_errno(err, "signalfd");
}

// No more jobs than there are cases, nor than the memory holds: servers that the kernel kills for
// want of it would break cases that are all right.
static int choose_jobs(const struct session *session) {
    int asked = session->options->jobs
                    ? session->options->jobs
                    : items_jobs(session->items, session->item_count, room_processors());
    int wanted = (size_t)asked < session->item_count ? asked : (int)session->item_count;
    int64_t available = room_memory("/proc/meminfo");
    int jobs = watch_fitting(wanted, available);
    if (jobs < wanted)
        fprintf(stderr,
                "goneaway: warning: %d jobs instead of %d: a job may take %d MiB of memory, and "
                "%lld MiB are available\n",
                jobs, wanted, WATCH_WORKER_MIB, (long long)(available >> 20));
    return jobs < wanted ? jobs : asked;
}

static struct report_server *list_servers(const struct chosen *chosen) {
    struct report_server *servers = xcalloc(chosen->server_count + 1, sizeof *servers);
    for (size_t i = 0; i < chosen->server_count; i++)
        servers[i] = (struct report_server){.name = chosen->servers[i]->name,
                                            .version = chosen->servers[i]->version,
                                            .package = chosen->servers[i]->package,
                                            .measured = server_measured(chosen->servers[i])};
    return servers;
}

static int run_reported(struct session *session, int stop_fd, struct err *err) {
    struct utsname host;
    uname(&host);
    json_auto_t *needs = needs_json(session);
    json_auto_t *probes = probes_json(&session->need_cost);
    struct watch_limits watch = watch_default_limits();
    if (session->options->memory_bytes > 0)
        watch.bytes = session->options->memory_bytes;
    session->limits.most[CGROUP_MEMORY] = watch.bytes;
    struct dispatch_options options = {.jobs = choose_jobs(session),
                                       .time_scale = session->options->time_scale,
                                       .shuffle = session->options->shuffle,
                                       .result = take_record,
                                       .hold = hold,
                                       .warn = warn,
                                       .case_timeout_ms = session->options->case_timeout_ms,
                                       .run_timeout_ms = session->options->run_timeout_ms,
                                       .watch = watch,
                                       .context = session,
                                       .used_ms = &session->summary.used_ms,
                                       .netem = session->needs[NEED_NETEM].netem,
                                       .places = session->places.items,
                                       .cgroups = &session->limits,
                                       .stop_fd = stop_fd};
    cleanup_free struct report_server *servers = list_servers(&session->chosen);
    struct report_run begin = {.planned = (int)session->item_count,
                               .version = goneaway_version,
                               .kernel = host.release,
                               .machine = host.machine,
                               .jobs = options.jobs,
                               .needs = needs,
                               .probes = probes,
                               .netem = netem_name(options.netem),
                               .shard = session->shard,
                               .server_count = session->chosen.server_count,
                               .servers = servers};
    double began = clock_ms();
    reports_begin(&session->reports, &begin);
    set_skipped_apart(session);
    int ret = dispatch_items(session->items, session->item_count, &options, err);
    skip_items(session); // by now all connectors have their names
    session->summary.ms = clock_ms() - began;
    session->summary.used_ms += clock_used_ms();
    session->summary.interrupted = ret != 0;
    reports_end(&session->reports, &session->summary);
    return ret;
}

static int run_all(struct session *session, struct err *err) {
    sigset_t before;
    int stop_fd = stop_signals(&before, err);
    if (stop_fd < 0)
        return -1;
    int ret = run_reported(session, stop_fd, err);
    struct signalfd_siginfo info = {0};
    bool signalled = read(stop_fd, &info, sizeof info) == (ssize_t)sizeof info;
    close(stop_fd);
    if (reports_close(&session->reports, err) < 0)
        ret = -1;
    limits_close(&session->limits);
    if (signalled) { // end as if by the signal, as shells and CI systems expect
        fflush(NULL);
        signal((int)info.ssi_signo, SIG_DFL);
        raise((int)info.ssi_signo);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    bool forbidden = session->requires_operations && session->lacks_operations;
    return ret < 0
               ? -1
               : verdict_exit_status(session->summary.counts, forbidden, session->options->strict);
}

// A slip in a name makes a row, or a whole scenario, that is for nobody.
static void warn_of_unknown(const struct session *session) {
    for (size_t i = 0; i < session->catalog.count; i++) {
        const struct selection *item = &session->catalog.items[i];
        struct err err;
        if (selection_has_chosen(item) &&
            known_check(item->scenario, &session->chosen.images, &err) < 0)
            fprintf(stderr, "goneaway: warning: %s\n", err.what);
    }
}

// A shard without cases is reported all the same, since `merge` would miss it.
static void tell_nothing(const struct session *session) {
    const struct report_shard *shard = &session->shard;
    if (shard->cases == 0)
        fprintf(stderr, "goneaway: nothing to run: no case is left by the options\n");
    else
        fprintf(stderr, "goneaway: nothing to run in shard %d/%d: there %s only %d case%s\n",
                shard->index, shard->count, shard->cases == 1 ? "is" : "are", shard->cases,
                shard->cases == 1 ? "" : "s");
}

// What broke cases may be that the machine lacks what an earlier run had found: the next one tries.
static void doubt_needs(const struct session *session, int ret) {
    if (session->chosen.images.cache && (ret < 0 || session->summary.counts[VERDICT_BROKEN] > 0))
        recall_forget(session->chosen.images.cache);
}

// What of the host the adapters see.
static void show_places(struct session *session) {
    struct images *images = &session->chosen.images;
    for (size_t i = 0; i < images->connector_count; i++)
        if (images->connectors[i].on_host) {
            images->connectors[i].folder = session->places.here;
            images->connectors[i].hidden = images->cache;
            images->connectors[i].sees = session->places.seen;
        }
}

static int run_session(struct session *session, struct err *err) {
    const struct options *options = session->options;
    cleanup_free char *home = catalog_home(err);
    if (!home || check_transports(options->transports, err) < 0 ||
        catalog_select(&session->catalog, home, options->argument_count, options->arguments, err) <
            0 ||
        (narrow(session), open_reports(session, err)) < 0 ||
        chosen_open(&session->chosen, home, options, err) < 0 || probe(session, err) < 0 ||
        choose_images(session, err) < 0)
        return -1;
    session->home = home;
    warn_of_unknown(session);
    if (add_cases(session, err) < 0)
        return -1;
    if (session->item_count == 0) {
        tell_nothing(session);
        if (session->shard.cases == 0)
            return STATUS_NOTHING;
    }
    if (prepare_proxies(session, err) < 0 ||
        places_open(&session->places, &session->chosen.images, options, err) < 0)
        return -1;
    show_places(session);
    return run_all(session, err);
}

int command_run(const struct options *options, struct err *err) {
    struct session session = {.options = options};
    struct err ignored;
    int ret = run_session(&session, err);
    doubt_needs(&session, ret);
    reports_close(&session.reports, &ignored); // of a run that did not come to its end
    limits_close(&session.limits);
    catalog_release(&session.catalog);
    chosen_close(&session.chosen);
    places_release(&session.places);
    free(session.missing_proxy_why);
    free(session.items);
    return ret;
}

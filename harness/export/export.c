// SPDX-License-Identifier: Apache-2.0
// export.c - a case as a program that needs nothing of goneaway
//
//     script.c, script_fault.c  the moves that the case is made of
//     language.c, program.c     the program, in the fragments of python.c, c.c ..
//     fault_script.c            fault.sh
//     run_script.c              run.sh
//     readme.c                  README.md
//
// A folder is filled only when all of it is known to be possible.
#include "export/export.h"

#include "base/file.h"
#include "base/nearest.h"
#include "export/readme.h"
#include "export/scripts.h"
#include "plan/condition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usual_connector[] = "libmysqlclient";

// ---- for which connector and server ------------------------------------------------------------

static bool is_wanted(const struct place *place, const char *connector, const char *server) {
    connector = connector ? connector : usual_connector;
    return (strcmp(place->connector, connector) == 0) &&
           (!server || strcmp(place->server, server) == 0);
}

static int refuse_language(const struct measured *measured, const char *connector,
                           struct err *err) {
    struct nearest nearest = {.wanted = connector, .edits = NEAR_NAME};
    cleanup_text struct text names = {0};
    bool is_known = false;
    for (size_t i = 0; i < measured->images.connector_count; i++) {
        const struct connector_recipe *recipe = &measured->images.connectors[i];
        nearest_try(&nearest, recipe->name);
        is_known |= strcmp(recipe->name, connector) == 0;
    }
    for (size_t i = 0; languages[i]; i++)
        for (const struct dialect *one = languages[i]->dialects; one->connector; one++)
            text_printf(&names, "%s%s", names.length ? ", " : "", one->connector);
    const char *near = is_known ? NULL : nearest_word(&nearest);
    if (is_known)
        err_usage(err, "there are no programs for the connector '%s'", connector);
    else
        err_usage(err, "there is no connector '%s'", connector);
    return near ? err_remedy(err, "did you mean '%s'?", near)
                : err_remedy(err, "there are some for %s", text_get(&names));
}

static int refuse_place(const struct measured *measured, const struct plan_case *plan,
                        const char *connector, const char *server, struct err *err) {
    connector = connector ? connector : usual_connector;
    cleanup_text struct text names = {0};
    for (size_t i = 0; i < measured->count; i++) {
        const struct measured_place *one = &measured->items[i];
        if (strcmp(one->place.connector, connector) == 0 && measured_row(one, plan) &&
            !text_list_has(text_get(&names), one->place.server))
            text_printf(&names, "%s%s", names.length ? "," : "", one->place.server);
    }
    err_usage(err, "nobody has measured %s with %s%s%s", plan->id, connector, server ? " on " : "",
              server ? server : "");
    return names.length ? err_remedy(err, "it was measured on %s", text_get(&names))
                        : err_remedy(err, "`goneaway run %s --connector %s` shows what it does",
                                     plan->id, connector);
}

static int find_dialect(struct export *export, const struct measured *measured,
                        const char *connector, struct err *err) {
    connector = connector ? connector : usual_connector;
    const char *family = NULL;
    for (size_t i = 0; i < measured->images.connector_count; i++)
        if (strcmp(measured->images.connectors[i].name, connector) == 0)
            family = measured->images.connectors[i].family;
    export->dialect = dialect_find(connector, family, &export->language);
    if (!export->dialect)
        return refuse_language(measured, connector, err);
    return 0;
}

// The first server that was measured, in its newest version.
static bool is_newer(const struct place *than, const struct measured_place *one) {
    return !than || (strcmp(than->server, one->place.server) == 0 &&
                     version_compare(than->server_version, one->place.server_version) < 0);
}

static int choose(struct export *export, const struct measured *measured, const char *connector,
                  const char *server, struct err *err) {
    if (find_dialect(export, measured, connector, err) < 0)
        return -1;
    connector = connector ? connector : usual_connector;
    for (size_t i = 0; i < measured->count; i++) {
        const struct measured_place *one = &measured->items[i];
        const struct plan_row *row = measured_row(one, export->plan);
        if (!row || !is_wanted(&one->place, connector, server) || !is_newer(export->place, one))
            continue;
        export->row = row;
        export->place = &one->place;
    }
    return 0;
}

static int make(struct export *export, const struct measured *measured, const char *connector,
                const char *server, struct err *err) {
    if (choose(export, measured, connector, server, err) < 0 ||
        script_make(&export->script, export->plan, export->row, err) < 0)
        return -1;
    if (program_check(export, err) < 0)
        return -1;
    return export->row ? 0 : refuse_place(measured, export->plan, connector, server, err);
}

int export_check_connector(const struct measured *measured, const char *connector,
                           struct err *err) {
    struct export export = {0};
    return find_dialect(&export, measured, connector, err);
}

bool export_can(const struct measured *measured, const struct plan_case *plan,
                const char *connector, const char *server) {
    struct export export = {.plan = plan};
    struct err why;
    bool ret = make(&export, measured, connector, server, &why) == 0;
    script_release(&export.script);
    return ret;
}

// ---- the folder --------------------------------------------------------------------------------

static int put(const char *folder, const char *name, const struct text *text, bool is_program,
               struct err *err) {
    cleanup_free char *path = xprintf("%s/%s", folder, name);
    if (file_write(path, text_get(text), text->length, err) < 0)
        return -1;
    return is_program && chmod(path, 0755) < 0 ? err_errno(err, "chmod %s", path) : 0;
}

static int put_files(const struct export *export, const char *folder, struct err *err) {
    cleanup_text struct text program = {0}, fault = {0}, run = {0}, readme = {0};
    program_write(&program, export);
    fault_script_write(&fault, export);
    run_script_write(&run, export);
    readme_write(&readme, export);
    bool is_script = text_starts(text_get(&program), "#!");
    if (put(folder, export->language->file, &program, is_script, err) < 0 ||
        put(folder, "fault.sh", &fault, true, err) < 0 ||
        put(folder, "run.sh", &run, true, err) < 0)
        return -1;
    return put(folder, "README.md", &readme, false, err);
}

static int put_all(const struct export *export, const char *folder, struct err *err) {
    const char *const names[] = {export->language->file, "fault.sh", "run.sh", "README.md"};
    if (file_make_folders(folder, 0755, err) < 0)
        return -1;
    if (put_files(export, folder, err) == 0)
        return 0;
    for (size_t i = 0; i < COUNT_OF(names); i++) { // a part would be in the way next time
        cleanup_free char *path = xprintf("%s/%s", folder, names[i]);
        unlink(path);
    }
    return -1;
}

static void tell(FILE *out, const struct export *export, const char *folder) {
    cleanup_text struct text command = {0};
    text_quote(&command, folder);
    fprintf(out,
            "%s with %s %s on %s %s, in %s:\n  %s/run.sh\nREADME.md beside it says what to "
            "expect, and what it needs.\n",
            export->plan->id, export->dialect->library, export->place->connector_version,
            export->place->server, export->place->server_version, export->language->name,
            text_get(&command) + strspn(text_get(&command), " "));
}

int export_case(FILE *out, const struct measured *measured, const struct plan_case *plan,
                const char *connector, const char *server, const char *folder, struct err *err) {
    struct export export = {.plan = plan};
    int ret = make(&export, measured, connector, server, err);
    if (ret == 0)
        ret = file_check_empty(folder, err);
    if (ret == 0)
        ret = put_all(&export, folder, err);
    if (ret == 0)
        tell(out, &export, folder);
    script_release(&export.script);
    return ret;
}

// SPDX-License-Identifier: Apache-2.0
// readme.c - README.md of an exported case
#include "export/readme.h"

#include "explain/story.h"
#include "explain/tale.h"
#include "export/scripts.h"

#include <stdlib.h>
#include <string.h>

static const char *vendor_of(const struct place *place) {
    return strcmp(place->vendor, "mariadb") == 0 ? "MariaDB" : "MySQL";
}

static void add_head(struct text *out, const struct export *export) {
    const struct plan_case *plan = export->plan;
    text_printf(out, "# %s\n\n", plan->scenario->title);
    text_printf(out,
                "With %s %s on %s %s. This is goneaway's case `%s`, as one program that needs "
                "nothing of goneaway.\n",
                export->dialect->library, export->place->connector_version,
                vendor_of(export->place), export->place->server_version, plan->id);
    if (plan->control)
        text_printf(out, "It is a control: with the remedy (%s), the failure stays away.\n",
                    plan->remedy);
}

static void add_steps(struct text *out, const struct export *export) {
    const struct plan_case *plan = export->plan;
    cleanup_free char *settings = tale_of_settings(plan);
    text_add(out, "\n## What happens\n\n");
    if (settings)
        text_printf(out, "%s\n\n", settings);
    for (size_t i = 0, number = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];
        if (step->skipped)
            continue;
        cleanup_free char *tale = tale_of_step(step);
        text_printf(out, "%zu. %s%s%s%s\n", ++number, step->id ? "`" : "", step->id ? step->id : "",
                    step->id ? "`: " : "", tale);
    }
}

static void add_outcomes(struct text *out, const struct export *export) {
    text_printf(out,
                "\n## What is expected, and what is seen\n\n"
                "| call | any correct client | %s %s on %s %s |\n|---|---|---|\n",
                export->dialect->library, export->place->connector_version,
                vendor_of(export->place), export->place->server_version);
    for (size_t i = 0; i < export->script.count; i++) {
        const struct move *move = &export->script.moves[i];
        if (!move->id)
            continue;
        const struct promise *promise = plan_find_promise(export->plan, export->place, move->id);
        const struct expectation *cell = plan_find_expectation(export->row, move->id);
        cleanup_free char *seen = tale_of_cell(cell);
        text_printf(out, "| `%s` | %s | %s |\n", move->id,
                    promise                 ? story_of_promise(promise)
                    : export->plan->control ? "success"
                                            : "-",
                    seen);
    }
    if (export->row->violates)
        text_printf(out, "\nThis breaks what a correct client does: %s.\n", export->row->violates);
    if (export->plan->scenario->races)
        text_printf(out, "\nIt is a race, so another code may show now and then: %s.\n",
                    export->plan->scenario->races);
    if (export->row->because)
        text_printf(out, "\n%s\n", export->row->because);
}

static bool asks_for_options(const struct export *export) {
    cleanup_text struct text script = {0};
    run_script_write(&script, export);
    return strstr(text_get(&script), "CONFIGURED") != NULL;
}

static void add_own_server(struct text *out, const struct export *export) {
    text_add(out, "\nWith a server of your own:\n\n| variable | is |\n|---|---|\n"
                  "| `MYSQL_HOST`, `MYSQL_TCP_PORT` | its address |\n"
                  "| `MYSQL_USER`, `MYSQL_PWD`, `MYSQL_DATABASE` | an ordinary account, and a "
                  "database that it may use |\n"
                  "| `ROOT_PWD`, `ROOT_USER` | of an account that may do more, where that is "
                  "needed (`root`) |\n"
                  "| `ADMIN` | instead of these, a command that runs the statement in `$SQL` |\n"
                  "| `CLIENT` | the command line client that runs SQL for `fault.sh` |\n");
    const struct slot *command;
    for (size_t i = 0; (command = own_command(export->script.faults, i)); i++)
        text_printf(out, "| `%s` | a command that %s |\n", command->name, command->value);
    if (asks_for_options(export))
        text_add(out, "| `CONFIGURED` | `yes`, once the server runs with the options above |\n");
}

static void add_running(struct text *out, const struct export *export) {
    cleanup_free char *image = image_of(export->place);
    cleanup_free char *get = version_filled(export, export->dialect->get);
    text_printf(out,
                "\n## How to run it\n\n    ./run.sh\n\n"
                "It takes Linux, Docker or Podman as root, and %s: %s. It ends with 0 if each "
                "call ends as in the last column, with 1 if not, and with 2 if something is "
                "missing. The server is the image `%s`, which is removed afterwards.\n",
                export->dialect->library, get, image);
    add_own_server(out, export);
}

static void add_files(struct text *out, const struct export *export) {
    text_printf(out,
                "\n## Files\n\n- `%s`: the program; it connects by the variables above.\n"
                "- `fault.sh`: makes what goes wrong, and comes back when that has taken effect.\n"
                "- `run.sh`: starts the server, and runs the program.\n",
                export->language->file);
    const struct list *sources = &export->plan->scenario->source;
    for (size_t i = 0; i < sources->count; i++)
        text_printf(out, "%s- %s\n", i == 0 ? "\n## Sources\n\n" : "",
                    ((const char **)sources->items)[i]);
}

void readme_write(struct text *out, const struct export *export) {
    add_head(out, export);
    add_steps(out, export);
    add_outcomes(out, export);
    add_running(out, export);
    add_files(out, export);
}

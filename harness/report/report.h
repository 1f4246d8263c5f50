// SPDX-License-Identifier: Apache-2.0
// report.h - one stream of events, several writers
//
// A run is: report_begin, then report_case for each case as it ends, then report_end. Each writer
// in `report_formats` sees every event. Writers know nothing about each other.
#ifndef GONEAWAY_REPORT_REPORT_H
#define GONEAWAY_REPORT_REPORT_H

#include "verdict/verdict.h"

#include <stdio.h>

/** Which part of a choice of cases a run covers. */
struct report_shard {
    int index, count; ///< shard `index`, from 1, of `count`; 1 of 1 is everything; 0 of 0: unknown
    int cases;        ///< of all shards together
    char choice[17];  ///< a digest of the whole choice, the same in all shards
};

/** A server of a run. */
struct report_server {
    const char *name, *version;
    const char *package;          ///< and its version, as a distribution has it; "": unknown
    const char *measured_package; ///< the version that outcomes were measured with; NULL: this one
};

struct report_run {
    int planned;                  ///< number of cases that will run
    const char *version;          ///< goneaway's
    const char *kernel, *machine; ///< uname's release and machine
    int jobs;
    const char *netem;    ///< what makes networks bad: "kernel", "uml", or "" if nothing can
    const json_t *needs;  ///< object: need -> how it is met, or a string that says what is missing
    const json_t *probes; ///< object: the cost of probing them
    struct report_shard shard;
    size_t server_count;
    const struct report_server *servers;
    int verbosity;    ///< of the human report: -1 quiet, 0, 1 each case, 2 with all its steps
    bool timeline;    ///< the human report shows timelines that records have
    bool saved;       ///< all cases come at once, from saved reports
    const char *list; ///< the command that shows these cases one by one; NULL: unknown
};
struct report_case {
    const struct plan_case *plan;
    const struct record *record;
    const struct verdict *verdict;
    const char *rerun;      ///< the command line that runs exactly this case again
    int repeat;             ///< 0 unless the run repeats cases; else from 1
    const char *path;       ///< the scenario's file, relative to its repository; NULL: use the name
                            ///< given
    const json_t *attempts; ///< array: earlier attempts, see --retries; NULL: none
    bool allowed; ///< not as expected, but by outcomes of another version, see --allow-borrowed
};
/** How many promises a connector has kept; connectors beyond the last share an entry without a
 * name. */
struct report_kept {
    char connector[64];
    int kept, promised;
};
enum { MOST_CONNECTORS = 64 };
/** Cases of a server judged by outcomes of another version; servers beyond the last share an entry
 * without a name. */
struct report_loan {
    char server[96], lender[192]; ///< "mysql-8.4 8.4.3", "mysql-5.6 5.6.24 with libmysqlclient .."
    int cases;
};
enum { MOST_LOANS = 32 };
struct report_summary {
    int counts[VERDICT_COUNT];
    int allowed[VERDICT_COUNT]; ///< of those, what --allow-borrowed does not count as failures
    int flaky;                  ///< cases that passed only when run again
    int unstable;               ///< cases that showed other codes when run again
    int tolerated; ///< of those that passed: they violate the promise, which is recorded
    int borrowed;  ///< cases judged by outcomes of another version
    int loan_count;
    struct report_loan loans[MOST_LOANS];
    int kept_count;
    struct report_kept kept[MOST_CONNECTORS];
    double ms;
    double used_ms;   ///< processor time of goneaway itself: main process and workers
    bool interrupted; ///< a signal stopped the run before all planned cases ran
};

/** Adds a case to a summary. */
void report_count(struct report_summary *summary, const struct report_case *result);
/** The exit status of a run, see verdict_exit_status(). */
int report_exit_status(const struct report_summary *summary, bool skip_is_forbidden, bool strict);

struct report;
/** A writer of one format: a row of `report_formats` with its own file. */
struct report_format {
    const char *name, *doc;
    const char
        *example; ///< an example of a file name, if everything is written at the end; NULL: it is
                  ///< written bit by bit
    void *(*open)(FILE *file, bool colour, int columns); ///< `columns` of a terminal; 0: it is none
    void (*begin)(void *state, const struct report_run *run);
    void (*add_case)(void *state, const struct report_case *result);
    void (*end)(void *state, const struct report_summary *summary);
    void (*write)(void *state, const void *what); ///< replaces the events: see reports_write()
    void (*close)(void *state);                   ///< frees the state, not the file
};
/** Terminated by NULL. */
extern const struct report_format *const report_formats[];
extern const struct report_format report_human, report_tap, report_json, report_junit,
    report_markdown, report_html, report_svg, report_github;

/** The reports of a run. */
struct reports {
    size_t count;
    struct report **items;
};
/** Adds "FORMAT=FILE"; FILE "-" is stdout. FORMAT alone means FORMAT=-, and is refused if the
 * report comes only at the end, since nothing would be visible until then. A usage error if it is
 * invalid. A file is written beside its target and renamed by reports_close(), so it is never
 * incomplete. */
int reports_add(struct reports *reports, const char *argument, struct err *err);
/** The same with other formats than those of a run, terminated by NULL. */
int reports_add_of(struct reports *reports, const struct report_format *const *formats,
                   const char *argument, struct err *err);
/** Whether one of the reports goes to stdout. */
bool reports_use_stdout(const struct reports *reports);
/** The format written to standard output or error, by descriptor; NULL: none. */
const char *reports_format_at(const struct reports *reports, int fd);
void reports_begin(struct reports *reports, const struct report_run *run);
void reports_case(struct reports *reports, const struct report_case *result);
void reports_end(struct reports *reports, const struct report_summary *summary);
/** Whether nobody reads any of them any more. */
bool reports_are_deserted(const struct reports *reports);
/** Reports something other than a run: passes it to each format's `write`. */
void reports_write(struct reports *reports, const void *what);
/** Closes the files. A full disk shows here, and a reader that is gone (`unread` in the error). */
int reports_close(struct reports *reports, struct err *err);

/** The json report's line of a case. New reference. */
json_t *report_case_json(const struct report_case *result);

#endif

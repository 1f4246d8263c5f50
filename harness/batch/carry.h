// SPDX-License-Identifier: Apache-2.0
// carry.h - the cases of one command, from the choice of their places until they are carried out
//
// `run`, `try`, `replay` and `adapter test` differ in which cases they have and in what becomes of
// the records. What lies between is the same, and here. A command fills in `catalog`, before
// carry_prepare() asks for it, and calls, in this order:
//
//     carry_open()       the command's options, with what it fills in itself
//     carry_choose()     the servers and connectors that the options name
//     carry_prepare()    what the cases need of this machine; then images, which may be fetched
//     cases_add()        each case at its places, by whichever function of cases.h suits
//     carry_equip()      proxies, and what of the host the cases see
//     carry_begin()      from here on a signal ends the run in order
//     carry_out()        hands them to workers; once more for those that are to run again
//     carry_end()        a signal that has come meanwhile takes effect here
//     carry_release()    also after an error of any of these
#ifndef GONEAWAY_BATCH_CARRY_H
#define GONEAWAY_BATCH_CARRY_H

#include "batch/attend.h"
#include "batch/cases.h"
#include "batch/machine.h"
#include "catalog/catalog.h"
#include "catalog/host_places.h"
#include "catalog/lineup.h"
#include "cli/options.h"
#include "run/dispatch.h"

/** All zero at first. */
struct carry {
    const struct options *options;
    char *home;             ///< folder with scenarios and fixtures
    struct catalog catalog; ///< what is to be carried out; released with the rest
    struct cases cases;     ///< the same at its places
    struct lineup lineup;
    struct machine machine;
    struct host_places places;
    size_t skipped_count; ///< cases behind the others, see carry_set_apart()
    struct watch_limits watch;
    struct attend attend;
    double began_ms; ///< as of clock_ms()
};

/** Finds the folder with scenarios and fixtures. The options must outlive it. */
int carry_open(struct carry *carry, const struct options *options, struct err *err);
/** Reads the recipes and picks the servers and connectors that the options name. */
int carry_choose(struct carry *carry, struct err *err);
/** Leaves one server: of those that the options did not name, the first that is in the cache, so
 * that nothing has to be fetched; of none the first. */
void carry_choose_ready_server(struct carry *carry);
/** Finds out what the machine has of what the catalog's chosen cases need, then brings servers and
 * connectors into the cache, reported on standard error. */
int carry_prepare(struct carry *carry, struct err *err);
/** Gets the proxies of the cases, and settles what of the host they see. */
int carry_equip(struct carry *carry, struct err *err);

/** Why a case cannot be carried out here, to be freed; NULL: it can. */
char *carry_why_not(const struct carry *carry, const struct run_item *item);
/** Puts the cases that cannot be carried out here behind the others: `cases.count` are left, and
 * `skipped_count` follow them. */
void carry_set_apart(struct carry *carry);
/** For a command whose cases all need the same of the machine: an error if it lacks that. */
int carry_check_needs(const struct carry *carry, struct err *err);

/** Holds signals back until carry_end(), and starts the clock of --timeout CASE,RUN. */
int carry_begin(struct carry *carry, struct err *err);
/** Has all cases carried out. `how` has the callbacks and what is a command's own; the time scale,
 * timeouts, limits, places and the machine's means are filled in here, `jobs` if it is 0 (one), and
 * `stop_fd` if it is 0 (signals).
 * 0, 1 if it was stopped, -1 on errors of the machine. */
int carry_out(struct carry *carry, const struct dispatch_options *how, struct err *err);
/** The same for some that run again, within what is left of the time for the run. */
int carry_out_again(struct carry *carry, struct run_item *items, size_t count,
                    const struct dispatch_options *how, struct err *err);
void carry_end(struct carry *carry);

/** Forgets what was found of this machine, as when a case was broken: the next run tries again. */
void carry_doubt_machine(const struct carry *carry);
void carry_release(struct carry *carry);

#endif

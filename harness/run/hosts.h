// SPDX-License-Identifier: Apache-2.0
// hosts.h - which hosts a case's world has at the moment, for whoever is to enter them
//
// {"app": {"net": 7, "root": "/.."}, "wire": {"net": 5}, "server": {"net": 9, "root": "/..",
// "socket": "/.."}, "step": 4}: `net` is a descriptor of the worker, the paths are as it sees them;
// what there is not is absent. `step` is the number of the step after which the worker waits;
// absent: it does not. The main process believes none of it: it only hands it on to somebody who
// enters the same sandbox.
#ifndef GONEAWAY_RUN_HOSTS_H
#define GONEAWAY_RUN_HOSTS_H

#include "run/case.h"

/** New reference. `step`: NULL if the worker does not wait. */
json_t *hosts_json(struct case_run *run, const struct plan_step *step);

#endif

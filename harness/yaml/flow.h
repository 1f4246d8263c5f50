// SPDX-License-Identifier: Apache-2.0
// flow.h - a node as a piece of YAML on one line, and whether that would be read where it is put
#ifndef GONEAWAY_YAML_FLOW_H
#define GONEAWAY_YAML_FLOW_H

#include "yaml/table.h"

/** The node as YAML on one line, to be freed; ".." if it is longer than FLOW_BYTES. */
enum { FLOW_BYTES = 80 };
char *node_flow(const struct node *node);
/** Whether what node_flow() shows would be read as a value of the type, or behind the verb; what
 * is too long to be shown is not tried. */
bool flow_fits(const struct type *type, const struct node *node);
bool flow_fits_verb(const struct verb *verb, const struct node *node);

#endif

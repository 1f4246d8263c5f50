// SPDX-License-Identifier: Apache-2.0
// readme.h - what an exported case is about
#ifndef GONEAWAY_EXPORT_README_H
#define GONEAWAY_EXPORT_README_H

#include "export/program.h"

/** README.md: what is done, expected and seen, with versions, and how to run it. */
void readme_write(struct text *out, const struct export *export);

#endif

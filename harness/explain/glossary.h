// SPDX-License-Identifier: Apache-2.0
// glossary.h - the words of reports, documents and messages that are not in the language
#ifndef GONEAWAY_EXPLAIN_GLOSSARY_H
#define GONEAWAY_EXPLAIN_GLOSSARY_H

#include <stdio.h>

/** Called for each word: "unsound", "a verdict", what it means. */
typedef void glossary_visitor(void *context, const char *word, const char *kind, const char *doc);
/** Visits verdicts, outcomes, needs of the machine, and the terms of the documents. */
void glossary_visit(glossary_visitor *visit, void *context);

#endif

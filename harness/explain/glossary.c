// SPDX-License-Identifier: Apache-2.0
// glossary.c - the words of reports, documents and messages that are not in the language
#include "explain/glossary.h"

#include "base/text.h"
#include "verdict/verdict.h"
#include "world/needs.h"

static const char *const outcome_docs[OUTCOME_COUNT] = {
    [OUTCOME_OK] = "the call succeeded",
    [OUTCOME_ERROR] = "the call failed: by the client's error number, or a native code",
    [OUTCOME_HANG] = "the call did not return before its deadline, and was ended from outside",
    [OUTCOME_CRASH] = "the app died by a signal during the call",
    [OUTCOME_UNSUPPORTED] = "the connector cannot do what the step asks for",
};

static const struct {
    const char *word, *kind, *doc;
} words[] = {
    {"scenario", "a thing", "a file that describes one failure, and what it should look like"},
    {"case", "a thing",
     "one variant of a scenario over one transport, named scenario/variant@transport; it runs on "
     "each server with each connector"},
    {"connector", "a thing",
     "the client under test: a library and the adapter that drives it. `goneaway list connectors` "
     "shows those that are here; --adapter adds one of your own"},
    {"adapter", "a thing",
     "a small program that drives a connector: it reads requests and writes answers as JSON lines, "
     "see fixtures/connectors/PROTOCOL.md"},
    {"family", "a thing",
     "connectors of one library, such as two versions of it. A row of outcomes that names the "
     "connector itself takes precedence over one that names its family"},
    {"need", "a thing",
     "something that a case requires of the machine; `goneaway doctor` tries each. A case whose "
     "need is missing is skipped, or fails the run with --require"},
    {"control", "a kind of variant",
     "a variant where a remedy is applied, so that the failure does not come: it shows that the "
     "scenario measures what it claims to"},
    {"remedy", "a thing", "what is recommended against a failure, put to the test by a variant"},
    {"claim", "a thing", "what people say of a cause, put to the test by a variant"},
    {"row", "a thing",
     "one line of `outcomes` or `promise`: under which conditions (`if`) which steps show what. "
     "The first whose `if` holds is the one that counts"},
    {"if", "a key of a row",
     "when the row holds: `if: {server: \"mysql >= 8.0.24\", connector: mariadb-c, transport: tcp, "
     "variant: bare}`, all of what is given; without it, always"},
    {"violates", "a key of a row of outcomes",
     "why the connector does not keep the promise there, and where that is known from; `check` "
     "asks for it where a row violates the promise, and nowhere else"},
    {"because", "a key of a row of outcomes", "why the row is as it is, for people"},
    {"recipe", "a thing",
     "says from which packages or image a server, connector or proxy is made: "
     "fixtures/servers/NAME/recipe.yml and so on; --connectors DIR adds connectors of your own"},
    {"step", "a thing",
     "one thing that happens in a scenario, such as `app: connect`; with an `id` it is judged"},
    {"variant", "a thing", "one of the ways in which a scenario runs; there is a case for each"},
    {"wire", "a thing",
     "the network between the app's host and the server's: a router with what a case needs of "
     "firewall, NAT, proxy and name service"},
    {"record", "a thing", "what was seen in a case: facts, without any judgement"},
    {"outcome", "a thing",
     "what a measured connector does at a step: ok, an error code, hang, crash or unsupported. The "
     "`outcomes` of scenarios say it for the two C libraries"},
    {"verdict", "a thing",
     "what a case's record means against what was expected: pass, wrong-code, fail, hang, crash, "
     "unsound, unmeasured, broken or skip"},
    {"kept", "the state of a promise", "every judged step did what any correct client may do"},
    {"violated", "the state of a promise",
     "a step did what no correct client may do; without an outcome for the place the case is "
     "unsound"},
    {"baseline", "a thing",
     "the measured outcomes of one connector on one server, in a file: what later runs are "
     "compared with"},
    {"measured", "said of a connector",
     "its outcomes on this server are known, from the scenarios' rows or a baseline"},
    {"borrowed", "said of expected outcomes",
     "they were measured with another version of the connector, the nearest, "
     "because nobody has measured this one. A difference still counts (status 1)"},
    {"new", "said of a case",
     "the baseline is older than the case and does not know it; it is never a failure"},
    {"known", "said of a deviation", "a baseline accepts it, with a reason"},
    {"unstable", "said of a case",
     "repetitions did not all show the same; in a baseline it lists all that was seen, and any of "
     "that passes"},
};

void glossary_visit(glossary_visitor *visit, void *context) {
    for (int i = 0; i < VERDICT_COUNT; i++)
        visit(context, verdict_names[i], "a verdict", verdict_docs[i]);
    for (int i = 0; i < OUTCOME_COUNT; i++)
        visit(context, outcome_names[i], "an outcome", outcome_docs[i]);
    for (int i = 0; i < NEED_COUNT; i++)
        visit(context, need_names[i], "a need of the machine", need_docs[i]);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        visit(context, words[i].word, words[i].kind, words[i].doc);
}

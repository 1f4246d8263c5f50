// SPDX-License-Identifier: Apache-2.0
// bundle.c - whatever a bundle contains, it is refused, or what is read from it is complete
//
// An uncompressed tar is read too, so that inputs need not get past a checksum.
#include "bundle/bundle.h"
#include "plan/plan.h"
#include "report/saved.h"
#include "test/fuzz/fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int fd = -1;
static char path[64];

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    fd = memfd_create("bundle", MFD_CLOEXEC);
    fuzz_require(fd >= 0, "there is room for a file", "");
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return 0;
}

// What `replay` does before it runs anything.
static void use(const struct bundle *bundle) {
    struct err err = {0};
    struct saved saved;
    fuzz_require(json_is_object(bundle->about) && json_is_object(bundle->line) && bundle->scenario,
                 "what is read is whole", "");
    if (saved_read(&saved, bundle->line, &err) < 0)
        fuzz_require(*err.what, "a refusal has a reason", "");
    saved_release(&saved);
    scenario_free(scenario_parse("bundle.yml", bundle->scenario, bundle->scenario_length, &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct bundle bundle;
    struct err refused = {0};
    fuzz_require(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size,
                 "there is room for a bundle", "");
    if (bundle_read(&bundle, path, &refused) < 0)
        fuzz_require(*refused.what, "a refusal has a reason", "");
    else
        use(&bundle);
    bundle_release(&bundle);
    return 0;
}

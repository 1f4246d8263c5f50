// SPDX-License-Identifier: Apache-2.0
// oci.c - root filesystems from OCI images, by skopeo and umoci
#include "image/oci.h"

#include "base/file.h"
#include "cache/keeper.h"
#include "image/bounded.h"
#include "image/debian.h"
#include "image/layers.h"
#include "image/registry.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { COPY_DEADLINE_MS = 600 * 1000, UNPACK_DEADLINE_MS = 600 * 1000 };

// skopeo logs everything on one long line, which a report can show.
static int explain(const char *remedy, const char *reference, struct err *err) {
    for (char *newline; (newline = strchr(err->what, '\n'));)
        *newline = ' ';
    if (strstr(err->what, "program not found") || strstr(err->what, "failed to execute") ||
        strstr(err->what, "bwrap: execvp"))
        return err_remedy(err, "sudo apt install skopeo umoci");
    if (err->remedy[0])
        return -1;
    return err_remedy(err, "%s%s", reference, remedy);
}

int oci_explain(const char *reference, struct err *err) {
    return explain(" must be reachable: over the network from its registry, or as oci:FOLDER or "
                   "docker-archive:FILE on this machine",
                   reference, err);
}

static int explain_unpacking(const char *reference, struct err *err) {
    return explain(" was fetched, but umoci does not unpack it: build the image anew, or unpack it "
                   "yourself and name the folder with rootfs:DIR",
                   reference, err);
}

// A registry's manifest is examined first, and then fetched by its digest.
static int copy(struct keeper *keeper, const char *reference, const char *to, struct err *err) {
    bool remote = text_starts(reference, "docker://");
    cleanup_free char *from = remote ? registry_pick(keeper, reference, err) : xstrdup(reference);
    const char *const skopeo[] = {"skopeo", "--insecure-policy", "copy", "--quiet", from, to, NULL};
    if (!from)
        return -1;
    int ret = remote ? bounded_fetch(keeper, skopeo, NULL, COPY_DEADLINE_MS, err)
                     : bounded_run(keeper, skopeo, NULL, COPY_DEADLINE_MS, err);
    return ret < 0 ? oci_explain(reference, err) : 0;
}

int oci_unpack(struct keeper *keeper, const struct debian_root *root, const char *folder,
               struct err *err) {
    cleanup_free char *copied = xprintf("oci:%s/oci:image", keeper->aside);
    cleanup_free char *image = xprintf("%s/oci:image", keeper->aside);
    cleanup_free char *layout = xprintf("%s/oci", keeper->aside);
    cleanup_free char *bundle = xprintf("%s/bundle", keeper->aside);
    cleanup_free char *rootfs = xprintf("%s/rootfs", bundle);
    // --rootless: an image's device nodes cannot be made in a user namespace, and are not needed
    const char *const umoci[] = {"umoci", "unpack", "--rootless", "--image", image, bundle, NULL};
    keeper_tell(keeper, "%s: getting the image %s ..", root->name, root->reference);
    if (copy(keeper, root->reference, copied, err) < 0)
        return -1;
    if (root->examined && layers_check(keeper, layout, err) < 0)
        return -1;
    if (bounded_run(keeper, umoci, NULL, UNPACK_DEADLINE_MS, err) < 0)
        return explain_unpacking(root->reference, err);
    if (file_remove_tree(layout, err) < 0)
        return -1;
    // an image may declare that nobody may enter it
    if (chmod(bundle, 0755) < 0 || fchmodat(AT_FDCWD, rootfs, 0755, AT_SYMLINK_NOFOLLOW) < 0)
        return err_errno(err, "open %s", rootfs);
    return rename(rootfs, folder) < 0 ? err_errno(err, "move %s to %s", rootfs, folder) : 0;
}

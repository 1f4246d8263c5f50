// SPDX-License-Identifier: Apache-2.0
// oci.c - root filesystems from OCI images, by skopeo and umoci
#include "image/prepare.h"

#include "base/file.h"

#include <stdio.h>
#include <string.h>

enum { COPY_DEADLINE_MS = 600 * 1000, UNPACK_DEADLINE_MS = 600 * 1000 };

// What skopeo logs comes in one long line; as one it goes into a report.
int oci_explain(const char *reference, struct err *err) {
    for (char *newline; (newline = strchr(err->what, '\n'));)
        *newline = ' ';
    if (strstr(err->what, "program not found") || strstr(err->what, "failed to execute"))
        return err_remedy(err, "sudo apt install skopeo umoci");
    if (err->remedy[0])
        return -1;
    return err_remedy(err,
                      "the image %s must be reachable: over the network from its registry, or as "
                      "oci:FOLDER or docker-archive:FILE on this machine",
                      reference);
}

int oci_unpack(struct keeper *keeper, const struct debian_root *root, const char *folder,
               struct err *err) {
    cleanup_free char *copy = xprintf("oci:%s/oci:image", keeper->aside);
    cleanup_free char *image = xprintf("%s/oci:image", keeper->aside);
    cleanup_free char *layout = xprintf("%s/oci", keeper->aside);
    cleanup_free char *bundle = xprintf("%s/bundle", keeper->aside);
    cleanup_free char *rootfs = xprintf("%s/rootfs", bundle);
    const char *const skopeo[] = {
        "skopeo", "--insecure-policy", "copy", "--quiet", root->reference, copy, NULL};
    // --rootless: the device nodes of an image cannot be made in a user namespace, nor are needed
    const char *const umoci[] = {"umoci", "unpack", "--rootless", "--image", image, bundle, NULL};
    keeper_tell(keeper, "%s: getting the image %s ..", root->name, root->reference);
    if (bounded_run(keeper, skopeo, NULL, COPY_DEADLINE_MS, err) < 0)
        return oci_explain(root->reference, err);
    if (root->examined && layers_check(keeper, layout, err) < 0)
        return -1;
    if (bounded_run(keeper, umoci, NULL, UNPACK_DEADLINE_MS, err) < 0)
        return oci_explain(root->reference, err);
    if (file_remove_tree(layout, err) < 0)
        return -1;
    return rename(rootfs, folder) < 0 ? err_errno(err, "move %s to %s", rootfs, folder) : 0;
}

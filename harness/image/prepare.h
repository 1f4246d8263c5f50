// SPDX-License-Identifier: Apache-2.0
// prepare.h - the steps that preparing is made of, shared inside this folder
#ifndef GONEAWAY_IMAGE_PREPARE_H
#define GONEAWAY_IMAGE_PREPARE_H

#include "image/cache.h"
#include "image/image.h"
#include "image/keeper.h"
#include "image/learn.h"
#include "sandbox/container.h"

#include <sys/stat.h>

/** How to run a program as uid 0 over files of other ids: in a mount and PID namespace that ends
 * with it, for an ordinary user in a user namespace with his subordinate ids. Ended by NULL. */
const char *const *debian_namespaces(void);

/** Which root filesystem a recipe wants. */
struct debian_root {
    const char *name; ///< of the recipe it belongs to
    const char *suite;
    const struct list *packages; ///< const char *
    const char *reference;       ///< instead of these: an image by reference; or NULL
    struct npm_package {
        const char *name, *sha256; ///< NAME@VERSION, and its tarball's digest
    } npm;                         ///< besides: one of npm's in /opt/NAME; or NULL
    const struct dict *modules;    ///< and any number, as a connector's recipe has them; or NULL
    const char *store;             ///< what its entry is called, if that is not `name`; or NULL
    bool examined;                 ///< it has a server, which is asked what it is
};
/** That of a server. */
struct debian_root server_root(const struct server_recipe *recipe);
/** Refuses what is not NAME@VERSION, as a package and its version are called by npm, or not the
 * digest of a tarball; at the nodes where they stand. */
int npm_check(const char *name, const struct node *name_at, const char *sha256,
              const struct node *sha256_at, struct err *err);
/** Unpacks the package to /opt/NAME of the root filesystem at `folder`, and the modules to
 * /node_modules, where Node.js finds them from everywhere. */
int npm_unpack(struct keeper *keeper, const struct debian_root *root, const char *folder,
               struct err *err);
/** Whether an image is not a server's name, but docker://NAME:TAG, oci:FOLDER:TAG,
 * docker-archive:FILE or rootfs:FOLDER. */
bool reference_is(const char *image);
bool reference_is_rootfs(const char *reference);
/** The path of the server program that path:PROGRAM names; NULL: it is another reference. */
const char *reference_program(const char *reference);
/** The same reference; a path that does not begin at / is one below `folder`. */
const char *reference_resolve(struct arena *arena, const char *reference, const char *folder);
/** Adds a reference, and what can quickly be seen of the content if that is on this machine. */
void reference_add_key(struct key *key, const char *reference);
/** Adds a file's name, and what can quickly be seen of its content. */
void reference_add_file(struct key *key, const char *name, const struct stat *info);
/** Adds, for the files that a server program of this machine needs, the same of each. */
void installed_add_key(struct key *key, const char *path);
/** Copies the server program at `path` with all these to their places below `folder`. */
int installed_copy(struct keeper *keeper, const char *name, const char *path, const char *folder,
                   struct err *err);
/** Refuses a folder in which, with all below it, are more than `most` files. */
int rootfs_check(const char *folder, size_t most, struct err *err);
/** Copies the folder of a rootfs: reference to `folder`. */
int rootfs_copy(struct keeper *keeper, const struct debian_root *root, const char *folder,
                struct err *err);
/** Unpacks an OCI image as a root filesystem at `folder`, by skopeo and umoci. */
int oci_unpack(struct keeper *keeper, const struct debian_root *root, const char *folder,
               struct err *err);
/** Runs a program in the namespaces of debian_namespaces(). */
int debian_run(const char *const *command, double deadline_ms, struct err *err);
/** What to say of a program that ended so in there, having printed that. Always returns -1. */
int debian_explain(const char *program, const char *output, int status, struct err *err);
/** The same for what is a stranger's: it has no network, can write nowhere but in the keeper's tmp
 * folder, and ends, too, when that becomes too large. `to` is the file that gets what it prints, if
 * that is not for messages; or NULL. */
int bounded_run(struct keeper *keeper, const char *const *command, const char *to,
                double deadline_ms, struct err *err);
/** The same with this machine's network, for what asks a registry. */
int bounded_fetch(struct keeper *keeper, const char *const *command, const char *to,
                  double deadline_ms, struct err *err);
/** Adds to what a failed skopeo or umoci has said what to do. Always returns -1. */
int oci_explain(const char *reference, struct err *err);
/** Whether a server is named by a tag of a registry. */
bool tag_is_needed(const struct server_recipe *recipe);
/** Fills `pinned`, if it is not yet, with what is known of its tag; false: nothing, and it has one.
 */
bool tag_recall(struct images *images, struct server_recipe *recipe);
/** Asks the registry for the digest that its tag has now, DIGEST_LENGTH characters and a 0. */
int tag_ask(struct keeper *keeper, const struct server_recipe *recipe, char *ret_digest,
            struct err *err);
/** Fills `pinned` with such an answer, for this process alone. */
void tag_pin(struct images *images, struct server_recipe *recipe, const char *digest);
/** Keeps it for tag_recall(), now that the image has proved usable. */
int tag_keep(const struct images *images, const struct server_recipe *recipe, const char *digest,
             struct err *err);
/** Checks an image in the folder of an OCI layout that has it alone. */
int layers_check(struct keeper *keeper, const char *layout, struct err *err);
/** Its key and its entry's path. */
struct key debian_key(const struct debian_root *root);
char *debian_entry(struct images *images, const struct debian_root *root);
/** Makes the absolute links below `root` relative, so that they lead nowhere else. */
int links_make_relative(const char *root, struct err *err);
/** Installs it into the cache, if it is not there; all its files belong to the caller. */
int debian_prepare(struct keeper *keeper, struct images *images, const struct debian_root *root,
                   struct err *err);

/** Makes a stranger's files harmless, and counts them: more, or larger ones, than an image may have
 * are an error. Devices, sockets and FIFOs go, and so do setuid bits and extended attributes; their
 * owner, who is the caller, can read everything, and nobody else can write. */
int stranger_tame(const char *root, struct err *err);
/** Refuses a folder whose files are more, or larger, than an image may have. */
int stranger_measure(const char *root, struct err *err);
/** Refuses a `path` (absolute, below the root) with a link above its last part, which could lead
 * what is done there to the host's files. What is behind a last `/` is not looked at. */
int stranger_refuse_links(const char *root, const char *path, struct err *err);
/** Asks the server in `folder`/root what it is, and keeps that in `folder`. */
int server_examine(struct keeper *keeper, const struct images *images,
                   const struct debian_root *root, const char *folder, struct err *err);
/** Reads what was kept; false if that is not all there. */
bool learned_read(struct learned *learned, struct arena *arena, const char *folder);

/** What is to be done in a sandbox; -1 on failure. */
typedef int inside_work(void *context, struct err *err);
/** What of the host is seen in there. */
struct inside_view {
    const struct keeper *keeper;
    const struct images *images; ///< whose cache and fixtures can be read
    const char *writes;          ///< and a folder that can be written
};
/** Does it in a sandbox and waits for its end. What it leaves in memory stays in there. */
int inside_sandbox(const struct inside_view *view, inside_work *work, void *context,
                   struct err *err);
/** Bounds the memory of each process that is started from here on: a stranger's server is not to
 * take all of the machine's while it is asked what it is, or makes its data. */
int inside_bound_memory(struct err *err);
/** Runs a command to its end, inside a sandbox; what it prints goes to `output`. Of `command` only
 * root, root_writable, binds, argv and env count. */
int inside_run(const struct container_spec *command, struct text *output, struct err *err);

/** The entry of a server's data; -1 if a certificate cannot be read. */
int server_entry(struct images *images, const struct server_recipe *recipe, char **ret_entry,
                 struct err *err);
/** Initialises a server's data into the cache; its root filesystem is there. */
int server_prepare(struct keeper *keeper, struct images *images, struct server_recipe *recipe,
                   const char *entry, struct err *err);

/** The root filesystem that a connector runs in: its server's or its own. */
struct debian_root connector_root(const struct images *images,
                                  const struct connector_recipe *recipe);
/** The entry of a connector's adapter; -1 if a source cannot be read. */
int connector_entry(struct images *images, const struct connector_recipe *recipe, char **ret_entry,
                    struct err *err);
/** Builds a connector's adapter into the cache; its root filesystem is there. */
int connector_prepare(struct keeper *keeper, struct images *images,
                      const struct connector_recipe *recipe, const char *entry, struct err *err);

/** The names of the certificates' files in fixtures/certificates, and where servers find them. */
enum { CERTIFICATE_COUNT = 3 };
extern const char *const certificate_names[CERTIFICATE_COUNT];
#define CERTIFICATES_DIR "/etc/goneaway"

#endif

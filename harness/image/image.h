// SPDX-License-Identifier: Apache-2.0
// image.h - servers, connectors and proxies: their recipes, and what the cache has of them
//
// A recipe is fixtures/KIND/NAME/recipe.yml, where KIND is servers, connectors or proxies.
// Preparing it makes entries in the cache: a root filesystem (a server's is shared with connectors
// that name it), for a server a layer with its initialised data, for a connector its built adapter.
// An entry is written aside, synced and renamed, so it is complete or absent. Its name ends with a
// hash of everything that determines its content, so a changed recipe makes a new entry. Later
// damage shows by its manifest (manifest.h), and the entry is then made anew: each use notices
// files that are missing or have another size; changed contents are noticed when `digests` is set,
// or when a server did not start (image_blame()).
#ifndef GONEAWAY_IMAGE_IMAGE_H
#define GONEAWAY_IMAGE_IMAGE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "cache/cache.h"
#include "yaml/table.h"

#include <stdbool.h>
#include <stdint.h>

/** Where a server listens: a fixed port, and a socket in a folder shared with the apps. */
#define SERVER_PORT 3306
#define SERVER_SOCKET_DIR "/run/mysqld"
#define SERVER_SOCKET_FILE "mysqld.sock"
#define SERVER_SOCKET SERVER_SOCKET_DIR "/" SERVER_SOCKET_FILE
/** Where servers and apps find fixtures/certificates, if they ask for others than every server's
 * default. */
#define ALL_CERTIFICATES_DIR "/run/certificates"
/** The ordinary account for apps, and its database. */
#define APP_USER "app"
#define APP_PASSWORD "app-secret"
#define APP_DATABASE "goneaway"
/** Its table `rows` contains the numbers from 1 to this. */
enum { APP_ROWS = 10000 };

/** A server's recipe, and after image_server_find() the paths of its parts. */
struct server_recipe {
    const char *name;       ///< the folder's name, "mysql-9.7"
    const char *title;      ///< one line for people
    const char *vendor;     ///< "mysql" or "mariadb"
    const char *suite;      ///< Debian suite
    struct list packages;   ///< const char *
    const char *npm;        ///< "NAME@VERSION" from npm, in /opt/NAME of the image; NULL: none
    const char *sha256;     ///< the digest of its tarball
    const char *daemon;     ///< path of the server program in the image
    struct list initialise; ///< const char *: command that initialises the data directory
    struct list options;    ///< const char *: options of each start, without the leading --
    const char
        *measured_package; ///< the package's version with which outcomes were measured, or NULL
    const char *old_tls;   ///< what its TLS is, if clients may refuse it for its age; or NULL
    int on_request;        ///< 1: it runs only where --server names it, or all
    int64_t megabytes;     ///< about what its root filesystem takes on disk; -1: not known
    const char *reference; ///< instead of a suite and packages: an image by reference, of which the
                           ///< rest is learned when it is prepared; NULL: it has a recipe
    const char *asked;     ///< the same as the user wrote it
    const char *pinned;    ///< of a tag: with the digest that it had; NULL: not known, or none
    const char *store;     ///< what its entries of the cache are called
    const char *flavour;   ///< what it says it is, "Percona Server"
    const char *full;      ///< and its version with what its builder has added, "8.0.36-28"
    // filled when prepared
    const char *version;      ///< "9.7.4"
    const char *package;      ///< the daemon's package: "mysql-server-core 9.7.4-1"; "": none
    const char *password;     ///< root's, who can log in only over the Unix socket
    const char *root;         ///< folder of the root filesystem
    const char *data;         ///< folder of the layer with the initialised data, above `root`
    const char *certificates; ///< folder that becomes ALL_CERTIFICATES_DIR
};

/** What `goneaway adapter new` makes from a connector's adapter: a start for one's own. */
struct skeleton {
    struct list files;    ///< const char *: files to copy, relative to the recipe
    struct list packages; ///< const char *: Debian packages that a machine needs for it
    const char *build;    ///< the command that builds it, run in its folder; NULL: none
    const char *command;  ///< the command that starts it there
};

struct connector_recipe {
    const char *name;     ///< the folder's name, "libmysqlclient"
    const char *home;     ///< the folder itself
    const char *family;   ///< shared by the connectors of one library; NULL: hello says it
    const char *language; ///< that applications write for it; NULL: not given
    const char *title;
    const char *image;    ///< name of a server recipe whose root filesystem it uses, or an image by
                          ///< reference; or NULL
    const char *suite;    ///< otherwise a Debian suite
    struct list packages; ///< and packages
    struct list build_packages; ///< const char *: further ones, only where its adapter is built
    struct dict npm;            ///< const char *: from npm, NAME@VERSION to the tarball's SHA-256
    struct list sources;        ///< const char *: sources of the adapter, relative to the recipe
    struct list link;           ///< const char *: libraries to link, without -l
    struct list include;        ///< const char *: include folders in the image
    struct list build; ///< const char *: the command that builds it in the image; empty: it is C
    struct list
        command; ///< const char *: the adapter's command in the image; /adapter is its folder
    struct dict environment;         ///< const char *
    int only_named;                  ///< 1: only scenarios whose `connectors` name it use it
    int on_request;                  ///< 1: runs only if --connector names it, or all
    int64_t megabytes;               ///< about what its own root filesystem takes; -1: not known
    const struct skeleton *skeleton; ///< NULL: its adapter is no skeleton
    const char *root;                ///< when prepared: folder of the root filesystem
    bool absent;                     ///< a placeholder without recipe: only a scenario names it
    bool foreign;                    ///< from --adapter or --connectors: not goneaway's own
    bool on_host;        ///< from --adapter and --program: it is on this machine, not in an image
    bool is_program;     ///< from --program: not an adapter, but a user's own program
    bool named_by_hello; ///< from --adapter: `name` is provisional until it has answered hello
    const char *folder;  ///< from --adapter: its working folder; NULL: /
    struct list sees;    ///< from --adapter: const char *: parts of the host that are visible to it
    const char *hidden;  ///< from --adapter: the cache, hidden because its locks could be taken;
                         ///< NULL: nothing
    const char *adapter; ///< when prepared: folder mounted at /adapter
    const char *certificates; ///< folder that becomes ALL_CERTIFICATES_DIR
};

/** Where the command that builds an adapter finds its sources. */
#define SOURCE_DIR "/run/source"

/** A proxy's recipe: a Debian package, or an image, that runs in the wire. */
struct proxy_recipe {
    const char *name;      ///< the folder's name, "haproxy"
    const char *title;     ///< one line for people
    const char *suite;     ///< Debian suite
    struct list packages;  ///< const char *
    const char *reference; ///< instead of both: an OCI image, as skopeo names it; or NULL
    struct list command;   ///< const char *: its command in the image; it logs to standard output
    int64_t megabytes;     ///< about what its root filesystem takes on disk; -1: not known
    const char *config;    ///< its configuration, where @NAME@ is replaced by what the wire sets
    const char *root;      ///< when prepared: folder of the root filesystem
};
/** Where a proxy finds its configuration. */
#define PROXY_CONFIG "/tmp/proxy.conf"

/** All recipes, and the cache. */
struct images {
    struct arena *arena;
    const char *fixtures; ///< folder of the fixtures
    struct cache cache;
    size_t folder_count; ///< folders elsewhere that have connectors
    const char **folders;
    size_t server_count, connector_count, proxy_count;
    struct server_recipe *servers; ///< those that run only on request come last
    size_t usual_servers;          ///< how many of them run by default, and appear in what
                                   ///< `explain` prints
    struct connector_recipe *connectors;
    struct proxy_recipe *proxies;
};

/** Reads all recipes below `fixtures`. The cache is $GONEAWAY_CACHE, else $XDG_CACHE_HOME/goneaway,
 * else ~/.cache/goneaway; it need not exist yet. */
int images_open(struct images *images, const char *fixtures, struct err *err);
/** Releases the entries that were found. Accepts zeroed or half-opened images. */
void images_close(struct images *images);

/** The server version with which outcomes were measured, if the one prepared is another; else
 * NULL. */
const char *server_measured_package(const struct server_recipe *recipe);

/** Adds the connectors of another folder, FOLDER/NAME/recipe.yml. Invalidates pointers to
 * connectors. */
int images_add_folder(struct images *images, const char *folder, struct err *err);
/** Adds a connector, whose name must be new; the strings stay the caller's. Invalidates pointers to
 * connectors. */
void images_add_connector(struct images *images, const struct connector_recipe *recipe);

/** A recipe by name; if there is none, a usage error that lists the known names. */
struct server_recipe *images_server(struct images *images, const char *name, struct err *err);
struct connector_recipe *images_connector(struct images *images, const char *name, struct err *err);
/** Whether a value of --server is a reference to an image, perhaps after NAME=, rather than a
 * name. */
bool server_is_reference(const char *text);
/** A server by reference; a usage error if the reference is invalid, or names a missing file. */
struct server_recipe *images_server_by_reference(struct images *images, const char *asked,
                                                 struct err *err);
struct proxy_recipe *images_proxy(struct images *images, const char *name, struct err *err);

/** A server by reference in the cache; the strings live as long as `images`, and are harmless on a
 * terminal. */
struct stocked {
    const char *name, *reference;
    const char *flavour, *full; ///< "Percona Server", "8.0.36-28"
    int64_t bytes;              ///< disk space
    enum cache_state state;
    struct err why; ///< why it is not ready
};
/** All of them, sorted, in an array to be freed; returns how many. */
size_t images_stocked(struct images *images, struct stocked **ret);

/** The command that starts a server in its container, terminated by NULL: the recipe's options,
 * then `options` ("name=value", terminated by NULL; or NULL), which take precedence. The server
 * listens at SERVER_PORT and SERVER_SOCKET, logs to standard error, and uses the certificates of
 * fixtures/certificates. */
const char *const *server_command(struct arena *arena, const struct server_recipe *recipe,
                                  const char *const *options);

/** Looks for it in the cache. If it is ready, fills the recipe's "when prepared" fields; else `err`
 * says why not. */
enum cache_state image_server_find(struct images *images, struct server_recipe *recipe,
                                   struct err *err);
enum cache_state image_connector_find(struct images *images, struct connector_recipe *recipe,
                                      struct err *err);
enum cache_state image_proxy_find(struct images *images, struct proxy_recipe *recipe,
                                  struct err *err);
/** Whether a connector's image is a folder of this machine, for which looking in the cache means
 * examining every file of the folder. */
bool image_connector_is_folder(const struct connector_recipe *recipe);
/** Brings it into the cache if it is missing or damaged. Several processes may do so at the same
 * time. The work is done by child processes that a keeper watches (keeper.h): if the caller dies,
 * by whatever signal, nothing half-done remains. So the caller needs no signal handler meanwhile;
 * one that does not end the process only delays its effect. */
int image_server_prepare(struct images *images, struct server_recipe *recipe,
                         keeper_progress *progress, void *context, struct err *err);
int image_connector_prepare(struct images *images, struct connector_recipe *recipe,
                            keeper_progress *progress, void *context, struct err *err);
int image_proxy_prepare(struct images *images, struct proxy_recipe *recipe,
                        keeper_progress *progress, void *context, struct err *err);
/** Appends the names of the cache entries that preparing would make, one per line. They are the
 * same on every machine of one architecture: a name ends with a hash of everything that determines
 * the content, and of no path. */
int image_server_entries(struct images *images, const struct server_recipe *recipe,
                         struct text *names, struct err *err);
int image_connector_entries(struct images *images, const struct connector_recipe *recipe,
                            struct text *names, struct err *err);
void image_proxy_entries(struct images *images, const struct proxy_recipe *recipe,
                         struct text *names);
/** Removes damaged and superseded entries; with `all`, also what came by reference, or from recipes
 * that are not open here. Entries in use stay. `progress` is told what was removed, and how
 * much. */
int images_prune(struct images *images, bool all, keeper_progress *progress, void *context,
                 struct err *err);
/** After a case that could not be carried out: why the cache is to blame, because its entry of the
 * server, connector or proxy (or NULL) is damaged; NULL if it is not. To be freed. Contents are
 * compared once, and mismatches are made anew next time. */
char *image_blame(struct images *images, const struct server_recipe *server,
                  const struct connector_recipe *connector, const struct proxy_recipe *proxy);

#endif

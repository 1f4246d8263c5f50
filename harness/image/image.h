// SPDX-License-Identifier: Apache-2.0
// image.h - servers, connectors and proxies: their recipes, and what the cache holds of them
//
// A recipe is fixtures/KIND/NAME/recipe.yml, with servers, connectors or proxies for KIND.
// Preparing it makes entries of the cache: a root filesystem (a server's is shared with the
// connectors that name it), for a server a layer with its initialised data, for a connector its
// built adapter. An entry is written aside, synced and renamed, so it is whole or not there. Its
// name ends in a hash of all that decides its content, so a changed recipe makes a new one. What an
// accident has done to it since shows in its manifest (manifest.h), and it is made anew: files that
// are missing or have another size at each use, and other contents when `digests` is set, or when a
// server did not start (image_blame()).
#ifndef GONEAWAY_IMAGE_IMAGE_H
#define GONEAWAY_IMAGE_IMAGE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "plan/table.h"

#include <stdbool.h>
#include <stdint.h>

/** Where a server listens: a fixed port, and a socket in a folder that is shared with the apps. */
#define SERVER_PORT 3306
#define SERVER_SOCKET_DIR "/run/mysqld"
#define SERVER_SOCKET_FILE "mysqld.sock"
#define SERVER_SOCKET SERVER_SOCKET_DIR "/" SERVER_SOCKET_FILE
/** Where servers and apps find the files of fixtures/certificates, for those who ask for others
 * than every server's own. */
#define ALL_CERTIFICATES_DIR "/run/certificates"
/** The ordinary account that apps use, and its database. */
#define APP_USER "app"
#define APP_PASSWORD "app-secret"
#define APP_DATABASE "goneaway"
/** Its table `rows` has the numbers from 1 to this. */
enum { APP_ROWS = 10000 };

/** A server's recipe, and after image_server_find() where its parts are. */
struct server_recipe {
    const char *name;       ///< the folder's name, "mysql-9.7"
    const char *title;      ///< one line for people
    const char *vendor;     ///< "mysql" or "mariadb"
    const char *suite;      ///< Debian suite
    struct list packages;   ///< const char *
    const char *npm;        ///< "NAME@VERSION" of npm, in /opt/NAME of the image; NULL: none
    const char *sha256;     ///< and the digest of its tarball
    const char *daemon;     ///< path of the server program in the image
    struct list initialise; ///< const char *: command that initialises the data directory
    struct list options;    ///< const char *: options of each start, without the leading --
    const char
        *measured_package; ///< the package's version with which outcomes were measured, or NULL
    const char *old_tls;   ///< what its TLS is, if clients may refuse it for its age; or NULL
    int on_request;        ///< 1: it runs only where --server names it, or all
    const char *reference; ///< instead of a suite and packages: an image by reference, of which the
                           ///< rest is learned when it is prepared; NULL: it has a recipe
    const char *asked;     ///< the same as the user wrote it
    const char *pinned;    ///< of a tag: with the digest that it had; NULL: not known, or none
    const char *store;     ///< what its entries of the cache are called
    const char *flavour;   ///< what it says it is, "Percona Server"
    const char *full;      ///< and its version with what its builder has added, "8.0.36-28"
    // filled when prepared
    const char *version;      ///< "9.7.4"
    const char *package;      ///< whose the daemon is: "mysql-server-core 9.7.4-1"; "": nobody's
    const char *password;     ///< of root, who may log in over the Unix socket alone
    const char *root;         ///< folder of the root filesystem
    const char *data;         ///< folder of the layer with the initialised data, above `root`
    const char *certificates; ///< folder that becomes ALL_CERTIFICATES_DIR
};

/** What `goneaway adapter new` makes of a connector's adapter: a beginning for somebody's own. */
struct skeleton {
    const char *language;
    struct list files;    ///< const char *: what is copied, relative to the recipe
    struct list packages; ///< const char *: Debian packages that it needs on a machine
    const char *build;    ///< the command that builds it, in its folder; NULL: none
    const char *command;  ///< and the one that starts it there
};

struct connector_recipe {
    const char *name;   ///< the folder's name, "libmysqlclient"
    const char *home;   ///< the folder itself
    const char *family; ///< what the connectors of one library have in common; NULL: hello says it
    const char *title;
    const char *image; ///< name of the server recipe whose root filesystem it runs in, or an image
                       ///< by reference; or NULL
    const char *suite; ///< else a Debian suite
    struct list packages; ///< and packages
    struct dict npm;      ///< const char *: of npm's, NAME@VERSION to the tarball's SHA-256
    struct list sources;  ///< const char *: sources of the adapter, relative to the recipe
    struct list link;     ///< const char *: libraries to link, without -l
    struct list include;  ///< const char *: include folders in the image
    struct list build;    ///< const char *: the command that builds it in the image; none: it is C
    struct list
        command; ///< const char *: the adapter's command in the image; /adapter is its folder
    struct dict environment;         ///< const char *
    int only_named;                  ///< 1: only scenarios whose `connectors` name it run with it
    int on_request;                  ///< 1: it runs only where --connector names it, or all
    const struct skeleton *skeleton; ///< NULL: its adapter is none
    const char *root;                ///< when prepared: folder of the root filesystem
    bool absent;                     ///< no recipe at all: only a scenario names it
    bool foreign;                    ///< of --adapter or --connectors: somebody else's
    bool on_host;        ///< of --adapter and --program: it is on this machine, not in an image
    bool is_program;     ///< of --program: it is no adapter, but somebody's own program
    bool named_by_hello; ///< of --adapter: `name` holds only until the adapter has answered hello
    const char *folder;  ///< of --adapter: its working folder; NULL: /
    struct list sees;    ///< of --adapter: const char *: what of the host is to be seen in there
    const char *hidden;  ///< of --adapter: the cache, whose locks it could take; NULL: nothing
    const char *adapter; ///< when prepared: folder that is bound to /adapter
    const char *certificates; ///< folder that becomes ALL_CERTIFICATES_DIR
};

/** Where the command that builds an adapter finds its sources. */
#define SOURCE_DIR "/run/source"

/** A proxy's recipe: a Debian package, or an image, that stands in the wire. */
struct proxy_recipe {
    const char *name;      ///< the folder's name, "haproxy"
    const char *title;     ///< one line for people
    const char *suite;     ///< Debian suite
    struct list packages;  ///< const char *
    const char *reference; ///< instead of both: an OCI image, as skopeo names it; or NULL
    struct list command;   ///< const char *: its command in the image; it logs to standard output
    const char *config;    ///< its configuration, with @NAME@ for what the wire sets
    const char *root;      ///< when prepared: folder of the root filesystem
};
/** Where a proxy finds its configuration. */
#define PROXY_CONFIG "/tmp/proxy.conf"

/** All recipes, and the cache. */
struct images {
    struct arena *arena;
    const char *fixtures; ///< folder of the fixtures
    const char *cache;    ///< folder of the cache
    size_t folder_count;  ///< folders elsewhere that have connectors
    const char **folders;
    size_t server_count, connector_count, proxy_count;
    struct server_recipe *servers; ///< those that run on request stand last
    size_t usual_servers;          ///< how many of them run unasked, and show in what explains
    struct connector_recipe *connectors;
    struct proxy_recipe *proxies;
    bool digests;       ///< whether what is found has its contents compared too
    bool cache_is_ours; ///< its owner has been looked at
    size_t held_count;
    struct held *held; ///< entries in use: locked, so that nobody removes them
};

/** Reads all recipes below `fixtures`. The cache is $GONEAWAY_CACHE, else $XDG_CACHE_HOME/goneaway,
 * else ~/.cache/goneaway; it need not exist yet. */
int images_open(struct images *images, const char *fixtures, struct err *err);
/** Lets go of the entries that were found; closing zeroed or half-opened images is allowed. */
void images_close(struct images *images);

/** The version of a server with which its outcomes were measured, if what is prepared is another;
 * else NULL. */
const char *server_measured_package(const struct server_recipe *recipe);

/** Adds the connectors of another folder, FOLDER/NAME/recipe.yml. Connectors that were found before
 * may have moved. */
int images_add_folder(struct images *images, const char *folder, struct err *err);
/** Adds a connector, under a name that none has yet; the strings stay the caller's. Connectors that
 * were found before may have moved. */
void images_add_connector(struct images *images, const struct connector_recipe *recipe);

/** A recipe by name; a usage error that names the known ones if there is none. */
struct server_recipe *images_server(struct images *images, const char *name, struct err *err);
struct connector_recipe *images_connector(struct images *images, const char *name, struct err *err);
/** Whether --server means an image by reference, maybe behind NAME=, and no name alone. */
bool server_is_reference(const char *text);
/** A server by reference; a usage error if it cannot be one, or a file that it names is not there.
 */
struct server_recipe *images_server_by_reference(struct images *images, const char *asked,
                                                 struct err *err);
struct proxy_recipe *images_proxy(struct images *images, const char *name, struct err *err);

/** What the cache has of something. */
enum image_state {
    IMAGE_ABSENT,  ///< nothing, or not all
    IMAGE_READY,   ///< all, and whole
    IMAGE_DAMAGED, ///< something that is to be made anew
    IMAGE_REFUSED, ///< something that cannot be used nor made anew, such as another user's
};

/** A server by reference that the cache holds; the strings live as long as `images`, and are
 * harmless on a terminal. */
struct stocked {
    const char *name, *reference;
    const char *flavour, *full; ///< "Percona Server", "8.0.36-28"
    int64_t bytes;              ///< what it takes on the disk
    enum image_state state;
    struct err why; ///< unless it is ready
};
/** All of them, sorted, in an array to be freed; returns their number. */
size_t images_stocked(struct images *images, struct stocked **ret);

/** The command that starts a server in its container, ended by NULL: the recipe's options, then
 * `options` ("name=value", ended by NULL; or NULL), which win. It listens at SERVER_PORT and
 * SERVER_SOCKET, logs to standard error, and has the certificates of fixtures/certificates. */
const char *const *server_command(struct arena *arena, const struct server_recipe *recipe,
                                  const char *const *options);

/** Told as preparing goes on, a line without its end; main prints it. */
typedef void image_progress(void *context, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Looks whether it is in the cache; if it is ready, the recipe's "when prepared" fields are
 * filled, else `err` says why it is not. */
enum image_state image_server_find(struct images *images, struct server_recipe *recipe,
                                   struct err *err);
enum image_state image_connector_find(struct images *images, struct connector_recipe *recipe,
                                      struct err *err);
enum image_state image_proxy_find(struct images *images, struct proxy_recipe *recipe,
                                  struct err *err);
/** Whether a connector's image is a folder of this machine: to look for that in the cache takes
 * looking at each file in the folder. */
bool image_connector_is_folder(const struct connector_recipe *recipe);
/** Brings it into the cache if it is not there, or damaged. Several processes may do so at the same
 * time. The work is done by child processes that a keeper watches (keeper.h): when the caller dies,
 * by whatever signal, nothing half-done stays. So the caller needs no signal handler meanwhile; one
 * that does not end the process only delays its effect. */
int image_server_prepare(struct images *images, struct server_recipe *recipe,
                         image_progress *progress, void *context, struct err *err);
int image_connector_prepare(struct images *images, struct connector_recipe *recipe,
                            image_progress *progress, void *context, struct err *err);
int image_proxy_prepare(struct images *images, struct proxy_recipe *recipe,
                        image_progress *progress, void *context, struct err *err);
/** Appends the names of the cache's entries that preparing would make, a line each. They hold for
 * every machine of one architecture: a name ends in a hash of all that decides the content, and of
 * no path. */
int image_server_entries(struct images *images, const struct server_recipe *recipe,
                         struct text *names, struct err *err);
int image_connector_entries(struct images *images, const struct connector_recipe *recipe,
                            struct text *names, struct err *err);
void image_proxy_entries(struct images *images, const struct proxy_recipe *recipe,
                         struct text *names);
/** Frees what of the cache is damaged or superseded; with `all`, also what came by reference, or by
 * recipes that are not open here. Entries in use stay. `progress` gets what is freed, and how much.
 */
int images_prune(struct images *images, bool all, image_progress *progress, void *context,
                 struct err *err);
/** After a case that could not be carried out: why the cache is to blame for it, because what it
 * has of the server, connector or proxy (or NULL) is damaged; NULL if it is not. To be freed.
 * Contents are compared once, and what does not fit is made anew the next time. */
char *image_blame(struct images *images, const struct server_recipe *server,
                  const struct connector_recipe *connector, const struct proxy_recipe *proxy);

#endif

// SPDX-License-Identifier: Apache-2.0
// sockdiag.h - the kernel's view of sockets: INET_DIAG and UNIX_DIAG
#ifndef GONEAWAY_WORLD_SOCKDIAG_H
#define GONEAWAY_WORLD_SOCKDIAG_H

#include "base/err.h"
#include "world/netns.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/** One end of a connection, as a dump shows it. */
struct sock_info {
    bool unix_socket;
    uint64_t inode;
    int state; ///< TCP state, see TCP_ESTABLISHED and others in <netinet/tcp.h>
    uint16_t local_port, peer_port;
    bool loopback;          ///< TCP: both ends are on the same host
    uint64_t peer_inode;    ///< Unix sockets: the other end's, 0 if that is gone
    char path[108];         ///< Unix sockets: the path it is bound to, or ""
    bool closed_by_peer;    ///< nothing more can arrive: FIN received, or the other end closed
    uint32_t receive_bytes; ///< waiting to be read; for a listener: connections waiting to be
                            ///< accepted
    uint32_t send_bytes;    ///< sent and not acknowledged (TCP), or not read (Unix)
    bool send_full; ///< the sender would block; TCP: and the peer has refused a window probe
};

/** What to look for; fields that are 0 match anything. */
struct sock_query {
    uint64_t inode, peer_inode;
    uint16_t local_port, peer_port;
    bool listening;  ///< a listening socket, instead of a connection's end
    unsigned states; ///< TCP: only in these states, a bit for each; 0: in any
};

/** Finds a connection's end in a namespace. 1: found; 0: not there; -1: error. */
int sockdiag_find_tcp(const struct netns *netns, const struct sock_query *query,
                      struct sock_info *ret, struct err *err);
int sockdiag_find_unix(const struct netns *netns, const struct sock_query *query,
                       struct sock_info *ret, struct err *err);
/** Destroys a TCP socket (SOCK_DESTROY): its owner gets ECONNABORTED, the peer an RST. */
int sockdiag_destroy_tcp(const struct netns *netns, const struct sock_info *socket,
                         struct err *err);

/** Destroys all TCP sockets of a namespace, except those that listen or no longer send (TIME_WAIT);
 * including those that nobody has open, for which the kernel still retransmits. */
int sockdiag_destroy_all_tcp(const struct netns *netns, struct err *err);
/** The same of those that lead to another host's port. */
int sockdiag_destroy_all_to(const struct netns *netns, uint16_t peer_port, struct err *err);

/** The inodes of a process's sockets, at most `most`; returns how many, -1 on error. A process that
 * has ended has none. */
int sockdiag_inodes_of(pid_t pid, uint64_t *ret_inodes, int most, struct err *err);

#endif

// SPDX-License-Identifier: Apache-2.0
// link.c - what a lab's worker hands to main
#include "lab/lab.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum { HANDED = 3 };

/** Room for the descriptors of one message. */
union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int[HANDED]))];
};

int lab_send_world(const struct lab *lab, const struct lab_world *world, struct err *err) {
    const int handed[HANDED] = {world->user, world->netns, world->sockets};
    union control control = {0};
    int port = world->port;
    struct iovec data = {&port, sizeof port};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof handed);
    memcpy(CMSG_DATA(header), handed, sizeof handed);
    return sendmsg(lab->link[1], &message, MSG_NOSIGNAL) < 0 ? err_errno(err, "hand on the world")
                                                             : 0;
}

int lab_take_world(const struct lab *lab, struct lab_world *ret, struct err *err) {
    int handed[HANDED];
    union control control = {0};
    struct iovec data = {&ret->port, sizeof ret->port};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t got = recvmsg(lab->link[0], &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    const struct cmsghdr *header = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (!header || header->cmsg_len != CMSG_LEN(sizeof handed))
        return err_set(err, "the lab's world was not handed on");
    memcpy(handed, CMSG_DATA(header), sizeof handed);
    ret->user = handed[0];
    ret->netns = handed[1];
    ret->sockets = handed[2];
    return 0;
}

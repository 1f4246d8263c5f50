// SPDX-License-Identifier: Apache-2.0
// host.c - settings of a host: the kernel's TCP, and the resolver
#include "run/host.h"

#include "base/text.h"

#include <stdio.h>

int host_set(const struct netns *netns, const struct host_side_args *asked, struct err *err) {
    int changed = 0;
    if (!asked)
        return 0;
    const struct {
        const char *name;
        int64_t value, unit;
    } settings[] = {{"ipv4/tcp_keepalive_time", asked->tcp_keepalive_time_ms, 1000},
                    {"ipv4/tcp_keepalive_intvl", asked->tcp_keepalive_intvl_ms, 1000},
                    {"ipv4/tcp_keepalive_probes", asked->tcp_keepalive_probes, 1},
                    {"ipv4/tcp_retries2", asked->tcp_retries2, 1},
                    {"ipv4/tcp_syn_retries", asked->tcp_syn_retries, 1},
                    {"ipv4/tcp_orphan_retries", asked->tcp_orphan_retries, 1},
                    {"ipv4/tcp_mtu_probing", asked->tcp_mtu_probing, 1}};
    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        // 0 is `off`: the kernel's default of two hours, far beyond any case
        if (settings[i].value <= 0)
            continue;
        char value[32];
        snprintf(value, sizeof value, "%lld",
                 (long long)((settings[i].value + settings[i].unit - 1) / settings[i].unit));
        if (netns_sysctl(netns, settings[i].name, value, err) < 0)
            return err_context(err, "set up host");
        changed = 1;
    }
    return changed;
}

int host_write_names(const char *folder, enum side side, const struct host_side_args *asked,
                     char *ret_paths[NAMES_FILES], struct err *err) {
    const struct resolver_args *resolver = asked ? asked->resolver : NULL;
    const struct names_resolver how = {resolver ? resolver->timeout_ms : -1,
                                       resolver ? resolver->attempts : -1};
    return names_write(folder, side, how, ret_paths, err);
}

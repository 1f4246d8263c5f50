# SPDX-License-Identifier: Apache-2.0
# Makefile - builds, tests and runs goneaway; `make help` says what there is
#
# Variables, as in `make CC=clang BUILD=build/clang`:
## BUILD: where everything is built (build)
## CC, CFLAGS: the compiler (gcc) and its options (-O2 -g)
## SCENARIOS, OPTIONS: what `make run` runs (the seven famous failures; empty: all), and how
## FUZZ, FUZZ_SECONDS: what `make fuzz` fuzzes (all), and how long each (20)
## TESTS: what `make check` tests: --unit, --live or names of suites (all)
## FAULTS, HOW: which calls `make faults` lets fail (all), and when (--late, --always; the first time)
## ROUNDS, KILLS, SEED: how often `make soak` runs SCENARIOS (2; all) and kills a run (200), and its chances (others each time)
## V: if set, commands are shown whole
## STAGES: what `make nightly` runs, by name (all that has not passed for this commit)
## ENGINES: whose templates `make pipeline` runs: github, gitlab, kubernetes (all)
## SERVERS: what `make servers` runs (those that only run on request)
## CONNECTOR, SERVER: what `make measure` measures, and on which; several with commas between
## PREFIX, DESTDIR: where `make install` installs (/usr/local)

BUILD ?= build
CFLAGS ?= -O2 -g
PREFIX ?= /usr/local
# The seven famous failures, each in its plain variant.
SEVEN := kill-idle@tcp wait-timeout/query@tcp server-restart/kill@tcp oversized-blob/twice@tcp \
	firewall-block/dropped@tcp skip-networking/skipped@tcp forked-connection/closes@tcp
SCENARIOS ?= $(SEVEN)
comma := ,
space := $() $()
ON_REQUEST = $(subst $(space),$(comma),$(patsubst fixtures/servers/%/recipe.yml,%,$(shell \
	grep -l '^on_request: true' fixtures/servers/*/recipe.yml)))
FUZZ_SECONDS ?= 20
ifeq ($(origin CC),default)
CC := gcc
endif
MAKEFLAGS += --no-print-directory
Q := $(if $(V),,@)
.DELETE_ON_ERROR:
.DEFAULT_GOAL := build

DATADIR = $(PREFIX)/share/goneaway
ZSH_COMPLETIONS = $(PREFIX)/share/zsh/site-functions
LIBEXECDIR = $(PREFIX)/libexec/goneaway
RELEASE := 0.2.0
VERSION := $(or $(if $(wildcard .git),$(shell git describe --always --dirty 2>/dev/null)),$(shell \
	cat .version 2>/dev/null),$(RELEASE))

SOURCES := $(wildcard harness/*/*.c harness/test/*/*.c)
HEADERS := $(wildcard harness/*/*.h harness/test/*/*.h)
ADAPTERS := $(wildcard fixtures/connectors/*/*.c)
FORMATTED := $(SOURCES) $(HEADERS) $(ADAPTERS) $(wildcard fixtures/connectors/*/*.h fixtures/udf/*.c fixtures/test/hostile/*/*.[ch])
SCRIPTS := $(wildcard ci/*.sh ci/*/*.sh ci/*/*/*.sh) .ci/run harness/main/completion.bash
COMPLETIONS := $(wildcard harness/main/completion.*sh)
TEST_SOURCES := $(filter-out harness/test/fuzz/% harness/test/fail/%,$(filter harness/test/%,$(SOURCES)))
FAIL_SOURCES := $(filter-out %/calls.c,$(filter harness/test/fail/%,$(SOURCES)))
FUZZERS := $(filter-out json,$(patsubst harness/test/fuzz/%.c,%,$(wildcard harness/test/fuzz/*.c)))
FUZZ ?= $(FUZZERS)
GUEST_SOURCES := harness/guest/netem_guest.c
HELPERS := goneaway-netem goneaway-netem.so goneaway-wait
PROGRAM_SOURCES := $(filter-out harness/test/% harness/guest/%,$(SOURCES))
LIBRARY_SOURCES := $(filter-out harness/main/main.c,$(PROGRAM_SOURCES))
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)

# Asked for when the first recipe needs it, since `make setup` may only just have installed it.
LIBRARIES = libarchive libcrypto libfyaml jansson libmicrohttpd libnl-3.0 libnl-nf-3.0 libnl-route-3.0 libpcap libpcre2-8 libseccomp libxml-2.0
ask = $(eval $(1) := $$(shell $(2)))$($(1))
PKG_CFLAGS = $(call ask,PKG_CFLAGS,pkg-config --cflags $(LIBRARIES))
PKG_LIBS = $(call ask,PKG_LIBS,pkg-config --libs $(LIBRARIES))
MYSQL_CFLAGS = $(call ask,MYSQL_CFLAGS,$(call mysql,cflags))
MYSQL_LIBS = $(call ask,MYSQL_LIBS,$(call mysql,libs))
CHECK_CFLAGS = $(call ask,CHECK_CFLAGS,pkg-config --cflags check)
CHECK_LIBS = $(call ask,CHECK_LIBS,pkg-config --libs check)
mysql = pkg-config --$(1) mysqlclient 2>/dev/null || pkg-config --$(1) libmariadb 2>/dev/null \
	|| mysql_config --$(1)

WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
DEFINES = -D_GNU_SOURCE -DGONEAWAY_DATADIR=\"$(DATADIR)\" \
	-DGONEAWAY_CRASH_SO=\"$(BUILD)/crash.so\" \
	-DGONEAWAY_LIBEXECDIR=\"$(LIBEXECDIR)\"
FLAGS = -std=gnu11 $(CPPFLAGS) $(DEFINES) -Iharness $(WARNINGS) $(CFLAGS) $(PKG_CFLAGS) \
	$(MYSQL_CFLAGS)

build: $(BUILD)/goneaway $(HELPERS:%=$(BUILD)/%) ## builds the program (the default)

run: setup ## installs what is missing, builds, gets the servers, runs SCENARIOS
	$(MAKE) build
	$(BUILD)/goneaway run $(SCENARIOS) $(OPTIONS)

check: setup ## installs what is missing, builds, runs TESTS
	$(MAKE) build $(BUILD)/goneaway-test
	GONEAWAY=$(BUILD)/goneaway $(BUILD)/goneaway-test $(TESTS)

unit: $(BUILD)/goneaway-test ## runs the tests that need neither a server nor namespaces
	GONEAWAY=$(BUILD)/goneaway $(BUILD)/goneaway-test --unit

large-adapters: build ## holds adapters whose images are too large for every CI run (Go's) against PROTOCOL.md
	$(BUILD)/goneaway adapter test --connector go-mysql $(OPTIONS)

sanitize: ## runs unit tests, headline and hostile files under AddressSanitizer and UBSan
	$(MAKE) build $(BUILD)/asan/goneaway-test BUILD=$(BUILD)/asan CFLAGS="-O1 -g -fno-omit-frame-pointer \
		-fsanitize=address,undefined -fno-sanitize-recover=all"
	@ci/sanitize.sh $(BUILD)/asan

# Both sanitizers and all fuzz targets in one build.
sanitize-unit: ## runs the unit tests and the fuzz targets' kept inputs under both sanitizers
	$(MAKE) $(BUILD)/clang/goneaway $(BUILD)/clang/goneaway-test $(FUZZ:%=$(BUILD)/clang/fuzz-%) CC=clang \
		BUILD=$(BUILD)/clang CFLAGS="-O1 -g -Werror -fno-omit-frame-pointer \
		-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all"
	GONEAWAY=$(BUILD)/clang/goneaway LSAN_OPTIONS=suppressions=ci/leaks.txt:print_suppressions=0 \
		$(BUILD)/clang/goneaway-test --unit
	LSAN_OPTIONS=suppressions=ci/leaks.txt:print_suppressions=0 ci/fuzz.sh $(BUILD)/clang 0 $(FUZZ)

fuzz: $(BUILD)/goneaway ## fuzzes all that reads a stranger's text, under both sanitizers
	$(MAKE) $(FUZZ:%=$(BUILD)/fuzz/fuzz-%) CC=clang BUILD=$(BUILD)/fuzz CFLAGS="-O1 -g \
		-fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
		-fno-sanitize-recover=all -fprofile-instr-generate=/dev/null -fcoverage-mapping"
	@ci/fuzz.sh $(BUILD) $(FUZZ_SECONDS) $(FUZZ)

# Without inlining and tail calls each call in the source is one in the program.
faults: setup ## lets each call of the harness that can fail do so, once
	@[ "$$(uname -m)" = x86_64 ] || { echo 'make faults knows only the calls of x86-64' >&2; exit 3; }
	$(MAKE) run-faults BUILD=$(BUILD)/faults CPPFLAGS='$(CPPFLAGS) -U_FORTIFY_SOURCE' \
		CFLAGS='-O1 -g -fno-omit-frame-pointer -fno-inline -fno-optimize-sibling-calls'

run-faults: $(BUILD)/goneaway-fail $(BUILD)/goneaway-faults $(HELPERS:%=$(BUILD)/%)
	@mkdir -p $(BUILD)/run
	$(Q)$(BUILD)/goneaway-faults $(HOW) $(BUILD)/goneaway-fail $(BUILD)/run $(if $(FAULTS),'$(FAULTS)')

# All scenarios unless SCENARIOS is asked for; ROUNDS=2 are about 6,000 cases and take a quarter of an hour or more.
soak: setup ## runs all cases again and again under load, and kills runs; counts what deviates or is left
	@ci/setup.sh soak
	$(MAKE) build $(BUILD)/goneaway-test
	SOAK_SEED=$(SEED) SOAK_ROUNDS=$(ROUNDS) SOAK_KILLS=$(KILLS) SOAK_FIRST_KILL=$(FIRST_KILL) \
		SOAK_CASES='$(if $(filter file default,$(origin SCENARIOS)),,$(SCENARIOS))' SOAK_OPTIONS='$(OPTIONS)' \
		GONEAWAY=$(BUILD)/goneaway $(BUILD)/goneaway-test soak

# All scenarios unless SCENARIOS is asked for: about 4,300 cases, of half an hour on two processors.
servers: setup ## runs all cases on the servers that `make run` leaves out, or on SERVERS
	@ci/setup.sh servers
	$(MAKE) build
	$(BUILD)/goneaway run $(if $(filter file default,$(origin SCENARIOS)),,$(SCENARIOS)) \
		--server $(or $(SERVERS),$(ON_REQUEST)) $(OPTIONS)

# Some ten minutes for all scenarios with the two C libraries.
tshark: setup ## holds the timelines of SCENARIOS against tshark: commands and errors, packet by packet
	@ci/setup.sh tshark
	$(MAKE) build
	rm -rf $(BUILD)/tshark
	$(BUILD)/goneaway run $(if $(filter file default,$(origin SCENARIOS)),,$(SCENARIOS)) --transport tcp \
		--bundle $(BUILD)/tshark --bundle-all --quiet $(OPTIONS)
	ci/tshark.py $(BUILD)/tshark

nightly: ## runs all that the gate (.ci/run) leaves out, or STAGES of it; hours, once for each commit
	@ci/nightly.sh $(BUILD) $(STAGES)

pipeline: setup ## runs the templates for pipelines, ENGINES, as a connector's repository would
	ci/templates/pipeline.sh $(ENGINES)

bench: $(BUILD)/goneaway ## times a case, the seven famous failures (also by pytest, docker), all cases
	@SEVEN='$(SEVEN)' ci/bench/bench.sh $(BUILD)/goneaway

lint: lint-static lint-compile ## every static check that takes seconds, and the compilers' warnings

lint-static: lint-order lint-calls lint-shell lint-templates lint-format lint-tidy

analyze: analyze-gcc analyze-cppcheck analyze-clang ## the static analyzers that take minutes

format: ## lays out the C sources
	@clang-format -i $(FORMATTED)

table: $(BUILD)/goneaway ## writes scenarios/README.md, the table of causes, and UPGRADES.md
	$(BUILD)/goneaway list causes --markdown >$(BUILD)/causes.md
	cp $(BUILD)/causes.md scenarios/README.md
	$(BUILD)/goneaway list upgrades >$(BUILD)/upgrades.md
	cp $(BUILD)/upgrades.md scenarios/UPGRADES.md

matrix: $(BUILD)/goneaway ## writes scenarios/MATRIX.md, matrix.json and lost.json: what was measured
	$(BUILD)/goneaway list matrix >$(BUILD)/matrix.md
	$(BUILD)/goneaway list matrix --json >$(BUILD)/matrix.json
	$(BUILD)/goneaway list lost --json >$(BUILD)/lost.json
	cp $(BUILD)/matrix.md scenarios/MATRIX.md
	cp $(BUILD)/matrix.json $(BUILD)/lost.json scenarios

# Some minutes for a connector on a server; what was stopped goes on where it was (see ci/measure.sh).
measure: setup ## measures CONNECTOR=.. on SERVER=.. into fixtures/measured (SCENARIOS: all)
	$(MAKE) build
	ci/measure.sh $(BUILD)/goneaway $(BUILD)/measure '$(CONNECTOR)' '$(SERVER)' \
		'$(if $(filter file default,$(origin SCENARIOS)),,$(SCENARIOS))' $(OPTIONS)

setup: ## installs what is missing, after saying what and how
	@ci/setup.sh

install: build $(BUILD)/goneaway.1 $(BUILD)/goneaway-scenario.5 ## installs under PREFIX, below DESTDIR
	install -D -m 755 $(BUILD)/goneaway $(DESTDIR)$(PREFIX)/bin/goneaway
	install -d -m 755 $(DESTDIR)$(LIBEXECDIR)
	install -m 755 $(HELPERS:%=$(BUILD)/%) $(DESTDIR)$(LIBEXECDIR)
	install -D -m 644 $(BUILD)/goneaway.1 $(DESTDIR)$(PREFIX)/share/man/man1/goneaway.1
	install -D -m 644 $(BUILD)/goneaway-scenario.5 \
		$(DESTDIR)$(PREFIX)/share/man/man5/goneaway-scenario.5
	install -D -m 644 harness/main/completion.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/goneaway
	install -D -m 644 harness/main/completion.zsh $(DESTDIR)$(ZSH_COMPLETIONS)/_goneaway
	install -D -m 644 harness/main/completion.fish \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/goneaway.fish
	mkdir -p $(DESTDIR)$(DATADIR)/fixtures
	cp -R scenarios ci/helpers $(DESTDIR)$(DATADIR)/
	cp -R $(filter-out fixtures/test,$(wildcard fixtures/*)) $(DESTDIR)$(DATADIR)/fixtures/
	chmod -R u=rwX,go=rX $(DESTDIR)$(DATADIR)

include ci/package/package.mk

clean: ## removes what was built
	rm -rf $(BUILD)

help: ## says what there is
	@echo 'make TARGET [VARIABLE=VALUE ..]'
	@awk 'function row(name, says) { return sprintf("  %-19s %s\n", name, says) } \
		/^## / { at = index($$0, ": "); printf "%s", row(substr($$0, 4, at - 4), substr($$0, at + 2)) } \
		/^[a-z-]+:.*## / { targets = targets row(substr($$1, 1, length($$1) - 1), substr($$0, index($$0, "## ") + 3)) } \
		END { printf "%s", targets }' $(filter Makefile %.mk,$(MAKEFILE_LIST))

objects: $(OBJECTS)

$(BUILD)/goneaway: $(PROGRAM_SOURCES:%.c=$(BUILD)/%.o)
	@echo '  LD $@'
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(MYSQL_LIBS) -lm $(LDLIBS)

# Loaded into User-Mode Linux.
$(BUILD)/goneaway-netem.so: harness/guest/registers.c
	@mkdir -p $(@D)
	@echo '  CC $@'
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g $(WARNINGS) -shared -fPIC $(LDFLAGS) -o $@ $<

# Runs in the root of any image, so it needs nothing there.
$(BUILD)/goneaway-wait: harness/guest/wait.c
	@mkdir -p $(@D)
	@echo '  CC $@'
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g $(WARNINGS) -static -o $@ $<

# Runs inside of User-Mode Linux, so it is linked with little.
NETLINK_LIBS = $(call ask,NETLINK_LIBS,pkg-config --libs libnl-3.0 libnl-route-3.0)
$(BUILD)/goneaway-netem: $(GUEST_SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/goneaway.a
	@echo '  LD $@'
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(NETLINK_LIBS) -lm $(LDLIBS)

# An archive, so that the tests are linked only with what they test.
$(BUILD)/goneaway.a: $(LIBRARY_SOURCES:%.c=$(BUILD)/%.o)
	@echo '  AR $@'
	$(Q)rm -f $@
	$(Q)ar rcs $@ $^

$(BUILD)/goneaway-test: $(TEST_SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/goneaway.a
	@echo '  LD $@'
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(CHECK_LIBS) $(PKG_LIBS) $(MYSQL_LIBS) -lm $(LDLIBS)

$(BUILD)/fuzz-%: $(BUILD)/harness/test/fuzz/%.o $(BUILD)/harness/test/fuzz/json.o $(BUILD)/goneaway.a
	@echo '  LD $@'
	$(Q)$(CC) $(CFLAGS) -fsanitize=fuzzer -Wl,--wrap=_exit $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(MYSQL_LIBS) -lm $(LDLIBS)

# base/ is told from its callers by a section of its own.
WRAPPED = $(shell sed -n 's/^\([A-Z]*\)(\([a-z_A-Z0-9]*\)[,)].*/\1 \2/p' harness/test/fail/calls.def | \
	sed -n '/^NEVER/!s/.* /-Wl,--wrap=/p')
BASE_SOURCES := $(filter harness/base/%,$(SOURCES))
$(BUILD)/base.o: $(BASE_SOURCES:%.c=$(BUILD)/%.o)
	$(Q)$(LD) -r -o $@ $^
	$(Q)objcopy --rename-section .text=base_text $@

$(BUILD)/goneaway-fail: $(filter-out $(BUILD)/harness/base/%,$(PROGRAM_SOURCES:%.c=$(BUILD)/%.o)) \
	$(BUILD)/base.o $(BUILD)/harness/test/fail/calls.o
	@echo '  LD $@'
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(WRAPPED) $(PKG_LIBS) $(MYSQL_LIBS) -lm $(LDLIBS)

$(BUILD)/goneaway-faults: $(FAIL_SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/goneaway.a
	@echo '  LD $@'
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(MYSQL_LIBS) -lm $(LDLIBS)

$(BUILD)/goneaway.1: $(BUILD)/goneaway
	$< explain --man goneaway > $@

$(BUILD)/goneaway-scenario.5: $(BUILD)/goneaway
	$< explain --man > $@

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo '  CC $<'
	$(Q)$(CC) $(FLAGS) -DGONEAWAY_VERSION=\"$(VERSION)\" $(EXTRA) -MMD -MP -c -o $@ $<

# What `server: install` puts into servers is a part of the program.
$(BUILD)/crash.so: fixtures/udf/crash.c
	@mkdir -p $(@D)
	@echo '  CC $@'
	$(Q)$(CC) -std=gnu11 -O2 -Wall -Wextra -shared -fPIC -nostdlib -o $@ $<
$(BUILD)/harness/world/install.o: $(BUILD)/crash.so
$(BUILD)/harness/main/completion.o: $(COMPLETIONS)
$(BUILD)/harness/report/html.o: harness/report/page.css harness/report/page.js

$(BUILD)/harness/test/%.o: EXTRA = $(CHECK_CFLAGS)
$(BUILD)/harness/cli/options.o: $(BUILD)/version

# Other flags or another version build anew what they went into.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(FLAGS)' | cmp -s - $@ || echo '$(CC) $(FLAGS)' > $@
$(BUILD)/version: FORCE
	@mkdir -p $(@D)
	@echo '$(VERSION)' | cmp -s - $@ || echo '$(VERSION)' > $@
FORCE:

lint-compile:
	$(MAKE) objects CC=gcc BUILD=$(BUILD)/lint-gcc CFLAGS='-O2 -g -Werror'
	$(MAKE) objects CC=clang BUILD=$(BUILD)/lint-clang CFLAGS='-O2 -g -Werror'

# It takes a cleanup attribute's variable for uninitialised though it is set to NULL.
analyze-gcc:
	$(MAKE) objects CC=gcc BUILD=$(BUILD)/analyze-gcc CFLAGS='-O2 -g -Werror -fanalyzer \
		-Wno-analyzer-use-of-uninitialized-value'

analyze-cppcheck:
	@mkdir -p $(BUILD)/cppcheck
	@echo cppcheck
	@cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
		--error-exitcode=1 --cppcheck-build-dir=$(BUILD)/cppcheck -j 2 -D_GNU_SOURCE -Iharness \
		$(SOURCES) $(ADAPTERS)

# Said only of files that have something wrong: --quiet still counts the warnings of others' headers.
# One file at a time: of two, clang-tidy 14 takes names of the first for types of the second.
tidy = printf '%s\n' $(SOURCES) | xargs -P "$$(nproc)" -n 1 sh -c \
	'said=$$(clang-tidy --quiet --warnings-as-errors="*" $(1) "$$@" -- $(FLAGS) \
	-DGONEAWAY_VERSION=\"$(VERSION)\" $(CHECK_CFLAGS) 2>&1) || { echo "$$said"; exit 1; }' tidy
lint-tidy:
	@echo clang-tidy
	@$(call tidy,--checks=-clang-analyzer-*)

analyze-clang:
	@echo clang-tidy, with the analyzer
	@$(call tidy)

lint-format:
	@echo clang-format
	@clang-format --dry-run -Werror $(FORMATTED)

lint-order:
	ci/include-order.sh
	ci/rooms.sh

lint-calls: $(BUILD)/goneaway
	ci/calls.sh $<

lint-shell:
	shellcheck -x $(SCRIPTS)

lint-templates:
	ci/templates/templates.sh $(BUILD)

.PHONY: build servers matrix measure soak tshark run check unit bench pipeline large-adapters faults run-faults \
	sanitize fuzz lint format setup install clean help objects FORCE \
	lint-static lint-compile lint-tidy lint-format lint-order lint-calls lint-shell lint-templates \
	analyze analyze-gcc analyze-cppcheck analyze-clang sanitize-unit nightly

-include $(OBJECTS:.o=.d)

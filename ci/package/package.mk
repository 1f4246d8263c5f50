# SPDX-License-Identifier: Apache-2.0
# package.mk - makes what others install, and tries it on clean systems; a part of Makefile
#
## SUITE: which Debian `make on-debian` takes (trixie), and `make deb` and `make image` are for (this machine's)
## SERVERS, CONNECTORS: what `make image` puts into the image (no servers; with them the C libraries)
## AS_USER: who tries the image in `make podman`, if this is root

dist: ## makes a source tarball of the last commit, the same bytes each time
	@ci/package/dist.sh $(BUILD)

deb: ## makes a Debian package for SUITE (this machine's), in a clean root of it
	@ci/package/deb.sh $(BUILD) $(SUITE)

image: ## makes an OCI image of that package, with SERVERS in it if any
	@SERVERS=$(SERVERS) CONNECTORS=$(CONNECTORS) ci/package/image.sh $(BUILD) $(SUITE)

podman: ## tries the image that `make image SERVERS=mariadb-10.11` made; as AS_USER if this is root
	@ci/package/podman.sh $(BUILD)/goneaway.oci.tar $(AS_USER)

package: ## tries what `make dist` and `make deb` make, in a clean root of SUITE, as root
	@ci/package/package.sh $(BUILD) $(SUITE)

on-debian: ## does `make run` on a clean Debian SUITE, as an ordinary user; takes root
	ci/package/on-debian.sh $(or $(SUITE),trixie)

# With FROM=none the cache is empty, and the servers are fetched, which takes some minutes.
pipeline-on-debian: ## does `make pipeline` on a clean Debian SUITE, as an ordinary user; takes root
	PACKAGES=git,python3-yaml COMMAND='make pipeline ENGINES="$(ENGINES)"' ci/package/on-debian.sh $(or $(SUITE),trixie)

.PHONY: dist deb image podman package on-debian pipeline-on-debian

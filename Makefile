# What can be done with this tree; `make` alone lists it. Every step can be run
# again at any time: what is there already is not done twice.

# The go command that is installed, or one in the user's cache where that is too old
# or there is none; or whichever GO names.
ifndef GO
export GO := go
export PATH := $(shell packaging/go.sh):$(PATH)
endif
export GO

# Fyne brings 4 MB of emoji for the letters that its own fonts lack. Without them
# it takes those of the desktop's fonts, as it does for every other script. In
# GOFLAGS, so that whatever is built here is built once. Its animations draw an
# open window 60 times a second for as long as a cursor blinks in it. HTTP/2 is 0.4 MB of
# each program; address books come by HTTP/1.1 as well. Without -trimpath
# whatever is compiled in one clone would be compiled again in the next.
export TAGS := no_emoji,no_animations,nethttpomithttp2
export GOFLAGS := $(strip $(GOFLAGS) -trimpath -tags=$(TAGS))

# -s -w leave the symbol tables out of the programs. All other flags are the
# compiler's own, so that building and testing share one build cache. -buildvcs:
# git may refuse to read a tree that belongs to another user, as in containers.
BUILD := $(GO) build -buildvcs=false -ldflags='-s -w'
TOOL := $(GO) tool -modfile=tools.mod

PATIENTLY := packaging/patiently.sh

# -shuffle=on also keeps results from being cached: many tests depend on programs
# that Go does not know of (an Asterisk, a desktop, our own bin/). -vet=off: `make check`
# vets the tests, too.
TESTFLAGS := -shuffle=on -timeout=40m -vet=off
TEST := $(GO) test $(TESTFLAGS)

# Where the desktop tests leave their screenshots.
export CORNETTA_ARTEFACTS ?= $(CURDIR)/artefacts

comma := ,
.DEFAULT_GOAL := help
.PHONY: help install packages test-packages check-reproducible test-bare build build-windows installers bin/windows/installers demo test quick check clean deps-build deps-test test-unit test-pure test-fuzz test-desktop test-programs test-windows test-wine test-wine-screen test-installers lint vuln outdated fuzz soak bench

define heading
@printf '\n=== %s\n' '$(1)'
endef

# test(kind,flags,environment): tests the packages of a kind, of which there may be
# none. A list that cannot be made is an error, not an empty list.
define test
@packages=$$(packaging/packages.sh $(1)) || exit 1; \
	[ -n "$$packages" ] || { echo "no packages"; exit 0; }; \
	began=$$(date +%T); set -x; $(3) $(TEST) $(2) $$packages; $(call over,$(1))
endef

# over(kind): the end of a kind's command. When it ran, and the time of processors that it
# took, is what the order of kinds in `make test` is made of.
over = { status=$$?; set +x; } 2>/dev/null; \
	echo "$(1): $$began to $$(date +%T), user and system of this shell and of all it ran:"; times; exit $$status

# screen-test is test for what has other programs in it, an Asterisk or a screen, which one
# late window can spoil. A few that fail are run once more, unless a race was found, and
# whatever was is listed at the end and in artefacts/: one that passes then is told,
# and is a fault of the test that wants mending.
define screen-test
@packages=$$(packaging/packages.sh $(1)) || exit 1; \
	[ -n "$$packages" ] || { echo "no packages"; exit 0; }; \
	mkdir -p '$(CORNETTA_ARTEFACTS)' && report='$(CORNETTA_ARTEFACTS)/again-$(1).txt' && rm -f "$$report"; \
	trap '[ ! -s "$$report" ] || { echo "failed, and run once more:"; cat "$$report"; }' EXIT; \
	began=$$(date +%T); set -x; $(3) bin/gotestsum --format=standard-quiet --rerun-fails=1 --rerun-fails-max-failures=3 \
		--rerun-fails-run-root-test --rerun-fails-abort-on-data-race --rerun-fails-report="$$report" \
		--packages="$$packages" -- $(TESTFLAGS) $(2); $(call over,$(1))
endef

bin/gotestsum: tools.mod tools.sum
	$(GO) build -modfile=tools.mod -o $@ gotest.tools/gotestsum

# vet-for(system): vets what compiles for another system without a C compiler.
define vet-for
@packages=$$(GOOS=$(1) packaging/packages.sh portable) || exit 1; \
	GOOS=$(1) CGO_ENABLED=0 $(GO) vet $$packages
endef

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

build: deps-build ## build both programs into bin/
	$(call heading,build)
	CGO_ENABLED=0 $(BUILD) -o bin/cornetta ./cmd/cornetta
	CGO_ENABLED=1 $(PATIENTLY) 'building the windows (some minutes the first time, then seconds)' \
		$(BUILD) -o bin/cornetta-ui ./cmd/cornetta-ui

# The command line is there twice for Windows: a program is either for consoles, and
# opens one of its own where there is none, or nobody's console waits for it. A shell
# takes .com before .exe; what Windows itself starts is the .exe.
WINDOWS := GOOS=windows CGO_ENABLED=0
WINDOWS_C := GOOS=windows CGO_ENABLED=1 CC=x86_64-w64-mingw32-gcc

# What a version is called, once it is one.
VERSION ?= $(shell sed -n 's/^Version = "\(.*\)"/\1/p' FyneApp.toml)

build-windows: deps-build ## build both programs for Windows into bin/windows/
	$(call heading,build for Windows)
	packaging/linux/deps.sh windows
	packaging/windows/resources.sh $(VERSION)
	$(WINDOWS) $(BUILD) -ldflags='-s -w -X main.version=$(VERSION)' -o bin/windows/cornetta.com ./cmd/cornetta
	$(WINDOWS) $(BUILD) -ldflags='-s -w -X main.version=$(VERSION) -H windowsgui' -o bin/windows/cornetta.exe ./cmd/cornetta
	$(WINDOWS_C) $(PATIENTLY) 'building the windows for Windows (10 minutes the first time, then seconds)' \
		$(BUILD) -ldflags='-s -w -X main.version=$(VERSION) -H windowsgui' -o bin/windows/cornetta-ui.exe ./cmd/cornetta-ui

installers: build-windows ## make installers for Windows in dist/: VERSION=
	$(call heading,installers)
	packaging/windows/installers.sh bin/windows dist $(VERSION)
	packaging/sums.sh dist $(VERSION)

# For tests, without compression: those of this version, and of one before, whose programs
# are longer.
bin/windows/installers: build-windows
	@rm -rf $@ bin/windows/earlier && mkdir -p bin/windows/earlier
	@cd bin/windows && for p in cornetta.exe cornetta.com cornetta-ui.exe; do { cat $$p; echo earlier; } >earlier/$$p; done
	packaging/windows/installers.sh bin/windows $@ $(VERSION) quick
	packaging/windows/installers.sh bin/windows/earlier $@/earlier 0.0.9 quick

# PREFIX is /usr/local where nothing else is said; packaging/linux/install.sh has the rest.
export DESTDIR PREFIX SYSCONFDIR ZSHDIR HOMEPAGE MAINTAINER
install: ## install what was built, for all users: DESTDIR=, PREFIX=/usr/local
	packaging/linux/install.sh bin

packages: build-windows ## make .deb, .rpm, .pkg.tar.zst, .tar.gz, .exe and .msi in dist/: VERSION=
	$(call heading,packages)
	packaging/linux/dist.sh dist $(VERSION)
	packaging/windows/installers.sh bin/windows dist $(VERSION)
	packaging/sums.sh dist $(VERSION)

demo: build ## build, then try Cornetta on a PBX that is built in
	$(call heading,demo (Ctrl+C ends it))
	bin/cornetta demo

# Two kinds at a time, the longest first, so that all end together: half of their time
# they wait for timers, a desktop or wine. What needs nothing but a processor fills the
# pauses: it has what the others leave. What a kind prints comes when it is over. BUILT:
# what they need is there, and none waits for it.
KINDS := --no-print-directory --keep-going --output-sync=target BUILT=yes
test: deps-test build bin/windows/installers bin/winerun bin/gotestsum ## run every test: unit, both Asterisks, fuzzing, desktop, windows, in wine
	@$(PATIENTLY) 'testing, two kinds at a time; what each prints comes when it is over (20 minutes, more the first time)' \
		sh -c 'nice -n 10 $(MAKE) $(KINDS) test-pure test-fuzz & \
			$(MAKE) $(KINDS) -j2 test-programs test-unit test-windows test-wine test-desktop test-installers test-wine-screen; \
			status=$$?; wait $$! && exit $$status'

check: deps-build ## check formatting, go vet (also for Windows and macOS), staticcheck
	$(call heading,gofumpt)
	@wrong=$$($(TOOL) gofumpt -l .) || exit 1; \
		[ -z "$$wrong" ] || { echo "not formatted:"; echo "$$wrong"; exit 1; }
	$(call heading,go vet)
	$(GO) vet ./...
	$(GO) vet -tags=$(TAGS),packaged ./cmd/cornetta
	$(call heading,staticcheck)
	$(TOOL) staticcheck ./...
	$(call heading,go vet for Windows)
	$(call vet-for,windows)
	$(call heading,go vet for macOS)
	$(call vet-for,darwin)
	$(call heading,go vet for the screenshots)
	$(GO) vet -tags=$(TAGS),screenshots ./cmd/cornetta

deps-build: ## install what the compiler lacks (apt-get)
	$(call heading,what the compiler needs)
	packaging/linux/deps.sh build

deps-test: ## install what the tests lack (apt-get, debootstrap)
	$(call heading,what the tests need)
	packaging/linux/deps.sh test
	ami/asterisktest/setup.sh

# What needs a screen, an Asterisk or seconds of real time is left out, and what has
# not changed since it passed is not run again: no -shuffle.
quick: deps-build ## tests that need no screen, no Asterisk and no waiting, in less than a minute
	$(call heading,quick tests)
	$(GO) test -short ./...

# Tests beside each other wait for timers, not for the processor.
test-unit: bin/gotestsum ## tests of all else that needs no screen, call scenarios on both Asterisks
	$(call heading,unit tests and call scenarios)
	$(call screen-test,unit,-race -parallel=8)

test-pure: ## tests of what starts no goroutine
	$(call heading,tests of what starts no goroutine)
	$(call test,pure)

# Seeds and what was found once are run in their packages' tests, too; what takes a fuzzer
# longer than this is for `make fuzz`.
test-fuzz: ## fuzz every target for 5 seconds
	$(call heading,fuzzing)
	@began=$$(date +%T); packaging/fuzz.sh 5s; $(call over,fuzz)

test-desktop: bin/gotestsum ## tests on a desktop of their own; screenshots in artefacts/
	$(call heading,desktop)
	$(call screen-test,desktop,-race -p=1)

# The tests build no programs of their own: they are linked once.
test-programs test-windows: export CORNETTA_PROGRAMS = $(CURDIR)/bin
test-programs: $(if $(BUILT),,build) bin/gotestsum ## the two programs together, on a desktop of their own; screenshots in artefacts/
	$(call heading,programs)
	$(call screen-test,programs)

test-windows: $(if $(BUILT),,build) bin/gotestsum ## tests of the windows; screenshots in artefacts/
	$(call heading,windows)
	$(call screen-test,windows,-p=1)

# The tests are the packages' own, compiled for Windows; those of cmd/cornetta try
# the programs as they are shipped.
test-wine: export CORNETTA_PROGRAMS = Z:$(CURDIR)/bin/windows
test-wine: $(if $(BUILT),,build-windows bin/winerun) bin/gotestsum ## the tests that need no C as Windows programs, in wine
	$(call heading,Windows programs in wine)
	$(call screen-test,wine,-exec '$(CURDIR)/bin/winerun',$(WINDOWS))

# The installers are tried one after the other in one Windows.
test-installers: export CORNETTA_INSTALLERS = Z:$(CURDIR)/bin/windows/installers
test-installers: $(if $(BUILT),,bin/windows/installers bin/winerun) bin/gotestsum ## install, upgrade and remove Cornetta in wine
	$(call heading,installers in wine)
	$(call screen-test,installers,-tags=$(TAGS)$(comma)installers -exec '$(CURDIR)/bin/winerun',$(WINDOWS))

test-wine-screen: $(if $(BUILT),,build-windows bin/winerun) bin/gotestsum ## the windows for Windows, in wine; screenshots in artefacts/
	$(call heading,windows for Windows in wine)
	$(call screen-test,wine-screen,-p=1,CORNETTA_WINDOWS='$(CURDIR)/bin/windows' CORNETTA_WINERUN='$(CURDIR)/bin/winerun')

bin/winerun: FORCE
	$(BUILD) -o $@ ./packaging/windows/winerun
FORCE:

# The Debians that the package is tried in.
ROOTS ?= bookworm trixie bullseye

# OLDER is the commit to upgrade from; packaging/linux/older.sh has which it is otherwise.
test-packages: packages ## check the packages, and try them in ROOTS
	$(call heading,packages checked)
	packaging/linux/deps.sh packages
	packaging/linux/check-packages.sh dist $(VERSION)
	$(call heading,packages in $(ROOTS))
	rm -rf bin/older
	packaging/linux/older.sh bin/older 0.0.1 $(OLDER)
	packaging/linux/test-others.sh bin/older dist $(VERSION)
	packaging/linux/test-packages.sh bin/older/cornetta_*.deb dist/cornetta_$(VERSION)*.deb $(ROOTS)

# FRESH=1 compiles all of it once more, which takes half an hour.
check-reproducible: packages ## make everything in dist/ again elsewhere, and compare the bytes: FRESH=
	$(call heading,made once more)
	packaging/check-reproducible.sh dist $(VERSION) $(if $(FRESH),fresh)

BARE ?= bookworm trixie
test-bare: ## try make demo on computers with nothing in them, no Go above all: BARE=
	$(call heading,make demo on a bare $(BARE))
	packaging/linux/deps.sh packages
	packaging/linux/test-bare.sh $(BARE)

# Not among the tools of make check: it takes two minutes of both cores to build.
lint: ## golangci-lint, which finds some faults that make check does not, and actionlint
	$(call heading,actionlint)
	$(GO) run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
	$(call heading,golangci-lint)
	$(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run ./...

# Not in CI: what is known to be vulnerable changes by the day, and is asked of
# a server on the internet.
vuln: ## ask the Go project's database which of our libraries are vulnerable
	$(call heading,govulncheck)
	$(TOOL) govulncheck ./...

# Not in CI either, for the same reason: there a test compares what this writes.
outdated: ## look for newer modules, and fail where one is behind without a reason
	$(call heading,modules)
	$(GO) run ./packaging/modules

FUZZTIME ?= 2m
MINUTES ?= 60

fuzz: ## fuzz every target for FUZZTIME (2m), going on from the last time
	$(call heading,fuzzing for $(FUZZTIME) a target)
	packaging/fuzz.sh $(FUZZTIME)

# The Dialer alone for all of the time, then the whole agent for a quarter of it.
soak: ## make calls for MINUTES (60) while everything goes wrong; prints what is lost
	$(call heading,soak for $(MINUTES) minutes)
	$(GO) test ./dialer/soak -count=1 -v -timeout=$$(( $(MINUTES) + 20 ))m -args -soak=$(MINUTES)m
	$(GO) test ./cmd/cornetta -run=TestAgentSoaks -count=1 -v -timeout=$$(( $(MINUTES) + 20 ))m -args -soak=$$(( $(MINUTES) * 15 ))s

# What idles is watched for ten minutes and a thousand calls are made in the run
# that counts: `make bench IDLE=10m CALLS=1000 FLOOD=60s`.
IDLE ?= 20s
CALLS ?= 200
FLOOD ?= 10s

bench: deps-test build ## measure what it costs, and print one table
	$(call heading,benchmarks (alone on the machine, or they tell little))
	{ $(GO) test -run '^$$' -bench Decode -benchtime 15x ./ami; \
	$(GO) test -run '^$$' -bench Flood -benchtime $(FLOOD) -timeout 30m ./ami; \
	$(GO) test -run '^$$' -bench People -benchtime 3x ./dialer/contacts/directory; \
	$(GO) test -run '^$$' -bench History -benchtime 5x ./dialer/history; \
	$(GO) test -run '^$$' -bench . -benchtime 1x -timeout 90m ./cmd/cornetta -idle $(IDLE) -calls $(CALLS); } \
		| $(GO) run ./packaging/bench

.PHONY: docs screenshots
docs: ## write what the guides have of the program: the table of settings
	$(GO) test ./docs -run '^TestTableOfSettings$$' -args -update

# Of the programs as they are; look at the pictures before they are committed.
screenshots: export CORNETTA_PROGRAMS = $(CURDIR)/bin
screenshots: deps-test build ## take the guides' pictures anew, in every language or ONLY=it: docs/images/
	$(call heading,screenshots)
	$(GO) test -tags=$(TAGS),screenshots -count=1 -run '^TestScreenshots$$/^$(ONLY)' ./cmd/cornetta

clean: ## remove what was built, and the screenshots
	rm -rf bin artefacts dist cmd/*/resource_windows_amd64.syso

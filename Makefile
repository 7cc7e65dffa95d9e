# Every target installs what it misses on Debian 12 and says so; the second run is quick.
# CARGO_TARGET_DIR is respected: nothing here assumes ./target.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test app ui lint rust-test bench soak score bundle need-demo need-test need-app need-bundle

export PATH := $(or $(CARGO_HOME),$(HOME)/.cargo)/bin:$(PATH)
NEED := scripts/need.sh
SCORE_PYTHON := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/darkslide/score-1/bin/python

# What the web part is built from: a change rebuilds it, nothing else does.
UI_SOURCES := $(shell find ui/src ui/gallery -type f 2>/dev/null) $(wildcard ui/*.html ui/*.ts ui/*.js ui/*.json)

help: ## These targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: need-demo ui/dist/.built ## The whole job on a sample card and a built-in S3 server
	cargo run --quiet --workspace --bin darkslide -- demo

app: need-app ui/dist/.built ## The window
	cargo run --quiet --workspace --bin darkslide-app

ui: need-node ui/dist/.built ## The web parts only: window and client page

test: need-test ui/dist/.built ui-test lint rust-test ## Everything that must hold before a change lands

lint: need-deny ui/dist/.built ## Formats, lints, licences of dependencies
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo deny --workspace --all-features check --hide-inclusion-graph bans licenses sources

ui-test: need-node ui/dist/.built ## Types, lints and unit tests of the web parts
	cd ui && npm run --silent check && npm run --silent test

rust-test: need-test ui/dist/.built ## The Rust tests alone
	cargo build --workspace
	cargo test --workspace

bench: need-bench ui/dist/.built ## Against cp, rclone and vips: ratios and gates
	cargo build --release --workspace --bin darkslide
	scripts/bench.sh

bundle: need-bundle ui/dist/.built ## A .deb, installed, started and removed again (PROFILE=debug: the quick build)
	scripts/bundle.sh

soak: need-test ui/dist/.built ## Long sweeps: kill -9 at many moments (SOAK=200), a fault at every call, all states of the window, fuzzing
	cargo build --workspace
	DARKSLIDE_SOAK=$(or $(SOAK),200) cargo test --test main -- --nocapture crash faults hostile window_states
	SECONDS_EACH=$(or $(FUZZ),60) scripts/fuzz.sh

# The corpus is any folder with a MANIFEST.csv; its columns stand at the head of scripts/score.py.
score: need-score ui/dist/.built ## Facts and previews of CORPUS=<folder with MANIFEST.csv> against its truth
	@[ -n "$(CORPUS)" ] || { echo "say which: make score CORPUS=<folder with MANIFEST.csv>" >&2; exit 2; }
	cargo build --workspace --bin darkslide
	$(SCORE_PYTHON) scripts/score.py --darkslide "$$(cargo metadata --format-version 1 --no-deps \
		| grep -o '"target_directory":"[^"]*"' | cut -d'"' -f4)/debug/darkslide" "$(CORPUS)"

# --- what is needed -------------------------------------------------------------------------

.PHONY: need-node need-deny need-bench need-score ui-test
need-node:
	@$(NEED) node
need-demo:
	@$(NEED) apt-build rust node
need-app:
	@$(NEED) apt-build apt-window rust node
need-bundle:
	@$(NEED) apt-build apt-window apt-bundle rust node
need-deny:
	@$(NEED) apt-build apt-window rust deny
need-test:
	@$(NEED) apt-build apt-window apt-test rust node garage deny ascmhl
need-bench:
	@$(NEED) apt-build apt-window apt-test apt-bench rust node garage-optimised
need-score:
	@$(NEED) apt-build rust node score

ui/node_modules/.package-lock.json: ui/package-lock.json ui/package.json
	cd ui && npm ci --no-audit --no-fund
	@touch $@

ui/dist/.built: ui/node_modules/.package-lock.json $(UI_SOURCES)
	cd ui && npm run --silent build
	@touch $@

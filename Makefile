# The commands of this repository. `make` alone lists them.
# Everything is built on first use; needed are Rust, Go, Python, a C compiler and make.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

BINARIES := $(or $(CARGO_TARGET_DIR),target)/release
# Integration tests wait for servers more than they compute.
export RUST_TEST_THREADS ?= 8

.PHONY: help demo dev test test-clients test-alerts soak lint fmt crds deny image binaries control-plane
.NOTPARALLEL:

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: binaries control-plane ## Kubernetes, a simulated ThoughtSpot and the operator: examples applied, shown, stopped
	@$(BINARIES)/playground demo

dev: binaries control-plane ## the same, in the foreground until Ctrl-C, with lines to copy into a shell
	@$(BINARIES)/playground dev

# The demo comes before the tests, and those in documentation before the others, so that a run ends on a summary that says much.
test: lint demo test-clients test-alerts ## every lint, the demo, every test
	@echo "==> every test" >&2
	@cargo test --workspace --locked --doc
	@cargo test --workspace --locked --lib --bins --tests

test-clients: ## a published Python client, unchanged, against the simulator
	@echo "==> published clients" >&2
	@cargo build --locked -p thoughtspot-simulator --bin thoughtspot-simulator
	@tests/clients/run.sh

# tests/it/soak.rs says what SOAK_MINUTES, SOAK_SEED, SOAK_DIALECT and SOAK_CROWD mean. Both hours go on at once; the crowd comes after them,
# since it takes all that there is of a small machine.
soak: control-plane ## not part of `test`: an hour of nothing and an hour of faults, with 500 resources; then 50,000 resources
	@echo "==> building the operator" >&2
	@cargo build --release --locked --bin thoughtspot-operator
	@SOAK_OPERATOR=$(abspath $(BINARIES))/thoughtspot-operator cargo test --locked --test it -- --ignored --nocapture soak::an_hour
	@SOAK_OPERATOR=$(abspath $(BINARIES))/thoughtspot-operator cargo test --locked --test it -- --ignored --nocapture soak::crowd

# promtool comes with Prometheus; CI installs it.
test-alerts: ## the alerts of the chart, where promtool is at hand (Debian: apt-get install prometheus)
	@if command -v promtool >/dev/null; then \
	  echo "==> alerts" >&2; \
	  promtool check rules charts/thoughtspot-operator/files/rules.yaml && promtool test rules tests/prometheus/rules.test.yaml; \
	else echo "==> alerts: not tested, since promtool is missing" >&2; fi

lint: ## formatting and clippy
	@echo "==> formatting, clippy" >&2
	@cargo fmt --all --check
	@cargo clippy --workspace --all-targets --locked -- -D warnings

fmt: ## format the code
	@cargo fmt --all

crds: ## write crds/ and the chart's copy anew from the types
	@mkdir -p crds
	@cargo run --quiet --locked --bin thoughtspot-operator -- crd >crds/.thoughtspot.dev.yaml
	@mv crds/.thoughtspot.dev.yaml crds/thoughtspot.dev.yaml
	@cp crds/thoughtspot.dev.yaml charts/thoughtspot-operator-crds/files/thoughtspot.dev.yaml

deny: ## licences, duplicates and sources of dependencies (builds cargo-deny when it is missing, some minutes)
	@command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	@tests/deny/run.sh
	@cargo deny --locked check bans licenses sources

image: ## the image for this machine's architecture, built and started once (needs buildah and musl-tools)
	@image/build.sh

binaries:
	@echo "==> building the operator, the simulator and the playground (first time some minutes)" >&2
	@cargo build --release --locked --bins -p thoughtspot-operator -p thoughtspot-simulator -p thoughtspot-testkit

control-plane:
	@tools/control-plane/build.sh >/dev/null

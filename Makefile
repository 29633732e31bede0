# The front door. Each job is a script in ci/ that runs by hand as well.

CARGO ?= cargo
CC ?= cc
PREFIX ?= /usr/local
DESTDIR ?=
export CARGO CC

.DEFAULT_GOAL := build
.PHONY: build demo test test-rust test-c test-dart test-abi test-schema \
	test-conformance test-aarch64 test-all lint check asan tsan memcheck helgrind drd coverage \
	fuzz soak models mutants bench bench-quick bench-pair bench-near-full bench-dart bench-wire generate install clean help

build: ## the libraries: target/release/libmagpool.so and libmagpool.a
	$(CARGO) build --release --features capi

demo: build ## shows what the pools do
	$(CARGO) run --quiet --package demo --release

test: build ## every suite; needs Rust, a C compiler and make
	ci/test.sh

test-rust: ## unit tests, documentation tests and black-box tests in Rust
	ci/rust.sh

test-c: build ## C programs: shared, static, with sanitizers, and as installed
	ci/c.sh
	ci/install_check.sh

test-dart: build ## isolates that share pools
	ci/dart.sh

test-abi: build ## headers, bindings, exported names, and that they cannot part
	ci/abi.sh

test-schema: ## the schema compiler and its committed output
	ci/schema.sh

test-conformance: ## the wire format beside Python's protobuf; gets it with pip
	ci/conformance.sh

test-aarch64: ## the library and its tests for aarch64, under qemu-user
	ci/aarch64.sh

fuzz: ## libFuzzer on the C ABI for SECONDS (600); needs clang
	ci/fuzz.sh $(SECONDS)

soak: ## all operations by threads that come and go, for MINUTES (5)
	ci/soak.sh $(MINUTES)

test-all: build ## make test, then every checker below and all long tests
	ci/test_all.sh

asan: ## Rust and C tests under the address, leak and undefined-behaviour sanitizers
	ci/asan.sh

tsan: ## Rust and C tests under the thread sanitizer, the standard library included
	ci/tsan.sh

memcheck: ## C tests under valgrind: addresses, uninitialised memory, leaks
	ci/memcheck.sh

helgrind: ## C tests under valgrind: races of a program on its objects
	ci/helgrind.sh

drd: ## the same by valgrind's other race checker
	ci/drd.sh

models: ## loom and shuttle on the pool's own code, long form
	ci/models.sh --long

mutants: ## mutation testing of cache, depot and slab; an hour or two
	ci/mutants.sh

coverage: ## lines of src/ that Rust and C tests run; target/coverage/
	ci/coverage.sh

lint: ## formatting, clippy, rustdoc and the project's own rules
	ci/lint.sh

check: lint ## the same as lint

bench: build ## magpool and its peers, all workloads; minutes; target/bench/report/
	ci/bench.sh

bench-quick: build ## the same in under a minute, with fewer workloads and rounds
	ci/bench.sh --quick

bench-pair: build ## one alloc/free pair beside malloc and a locked free list
	ci/bench_pair.sh

bench-near-full: build ## throughput of 8 threads against how full the pool is
	ci/bench_near_full.sh

bench-dart: build ## pools from Dart beside malloc, calloc, empty calls and the collector
	ci/bench_dart.sh

bench-wire: ## decoding and encoding beside prost, protobuf-c and upb; docs/wire.md
	ci/bench_wire.sh

generate: ## writes the generated files again
	ci/generate.sh

install: ## headers, libraries, magpool.pc; under PREFIX (DESTDIR for staging)
	PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" ci/install.sh

clean: ## removes everything built
	$(CARGO) clean

help: ## this list
	@sed -nE 's/^([a-z0-9-]+):[^#]*## (.*)/\1\t\2/p' Makefile | expand -t 18

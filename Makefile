# Hookseal's commands. Each one sets up what it needs; see `make help`.
# VERBOSE=1 shows the whole output of every step.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup build node python wasm demo test test-rust test-node test-python test-wasm test-packages test-examples test-judges test-systems check lint fuzz fmt client-types bench constant-time clean distclean

help: ## Show this list
	@echo "Hookseal: make TARGET"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## Install what building and testing need (other targets do this by themselves)
	@scripts/setup.sh rust rust-lint cc wasm python npm:bindings-node npm:bindings-wasm chromium
	@echo "set up"

build: ## Build the server (release) and every package
	@scripts/build.sh server node python wasm

node: ## Build the Node package
	@scripts/build.sh node

python: ## Build the Python package into .tools/venv
	@scripts/build.sh python

wasm: ## Build the WebAssembly package
	@scripts/build.sh wasm

demo: ## Show it all working: server, deliveries, retries, receivers in three runtimes
	@scripts/demo.sh

test: ## Run every test suite
	@scripts/test.sh

test-rust: ## Run the tests of the core and the server
	@scripts/test.sh rust

test-node: ## Run the tests of the Node package
	@scripts/test.sh node

test-python: ## Run the tests of the Python package
	@scripts/test.sh python

test-wasm: ## Run the tests of the WebAssembly package: Node, workerd, Deno, Bun, Chromium
	@scripts/test.sh wasm

test-packages: ## Pack the npm packages, install, bundle (esbuild, Vite, webpack, Next.js) and run them
	@scripts/test.sh packages

test-examples: ## Start the example of each JavaScript framework and runtime, and post to it
	@scripts/test.sh examples

test-judges: ## Let the providers' own libraries judge what the Node and Python packages sign and verify
	@scripts/test.sh judges

test-systems: ## Make the calls of the four systems' pages, and receive with receivers written after them
	@scripts/test.sh systems

check: ## Check format, lints, types and licences, fuzz for 30 s, then run every test suite
	@scripts/lint.sh
	@scripts/fuzz.sh
	@scripts/test.sh

lint: ## The same without fuzzing and tests
	@scripts/lint.sh

fuzz: ## Fuzz the core: make fuzz TARGET=verify SECS=600
	@scripts/fuzz.sh $(TARGET) $(SECS)

fmt: ## Format Rust and Python
	@scripts/format.sh

client-types: ## Write the types of the clients anew, from docs/openapi.json
	@scripts/client-types.sh

bench: ## Measure the core, every package and the server
	@scripts/bench.sh

constant-time: ## Measure whether the time of a refusal gives a signature away
	@scripts/constant-time.sh

clean: ## Remove what builds wrote
	@scripts/clean.sh

distclean: ## Remove what set-up installed below this directory, too
	@scripts/clean.sh all

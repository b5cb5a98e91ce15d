# Two commands matter: `make demo` runs the main job on the bundled CT of a leg, `make test` runs every test.
# Both need Rust (see rust-version in Cargo.toml) and a C linker; nothing else is fetched but crates in Cargo.lock.

CARGO ?= cargo
# Tests are compiled like the demo, so that what both need is compiled once; the record and the program wait more than they compute,
# and compile in half the time without optimising.
QUICK = $(foreach crate,frostline frostline-record,$(foreach setting,opt-level=0 debug-assertions=true overflow-checks=true,\
	--config 'profile.release.package.$(crate).$(setting)'))

.PHONY: demo test test-core test-pdf test-gpu test-http check validate bench bench-quick bench-load

demo:
	$(CARGO) build --release --locked
	./target/release/frostline plan examples/sts_010/case.toml --out out/demo

# The PDF report is a feature outside the default build; its tests run with the others, so that everything is compiled once.
test:
	$(CARGO) test --release --workspace --features frostline/pdf --locked $(QUICK)

# The same without PDF typesetting, which takes long to compile.
test-core:
	$(CARGO) test --release --workspace --locked $(QUICK)

test-pdf:
	$(CARGO) test --release --package frostline --features pdf --locked $(QUICK) --lib --test documents pdf

# The GPU back end, on whatever Vulkan, Metal or DirectX 12 driver there is, a software one included; docs/gpu.md. It is not
# part of `make test`, which needs no driver; without one these tests assert that its absence is said clearly.
test-gpu:
	$(CARGO) test --release --package frostline-freeze --features gpu --locked --test gpu -- --nocapture

# Requests made up from the description of the HTTP interface; needs the release build, curl, Node and schemathesis.
test-http:
	.ci/api-properties.sh

check:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --locked

# Every exact problem and published experiment at full resolution, in one table and one report.
validate:
	$(CARGO) build --release --locked
	./target/release/frostline validate --out out/validation

# How fast and how right the freeze engine is, beside plain baselines in the same run; docs/speed.md explains the rows.
# For a part of it: make bench BENCH="--only R1,L1 --rounds 3"
bench:
	$(CARGO) bench --package frostline --bench freeze --locked -- $(BENCH)

# One round, and nothing that takes longer than ten seconds is run to its end.
bench-quick:
	$(CARGO) bench --package frostline --bench freeze --locked -- --rounds 1 --cap-s 10 --baseline-cap-s 2 $(BENCH)

# Fifty people on the case record at once, for two minutes.
bench-load:
	$(CARGO) bench --package frostline --bench load --locked -- $(LOAD)

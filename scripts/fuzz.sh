#!/usr/bin/env bash
# Every reader of foreign bytes, fuzzed: SECONDS_EACH (60) seconds a target.
#
# With cargo-fuzz and a nightly toolchain by libFuzzer, led by coverage and begun from the fixtures.
# Without, by the mutations of the core's own test, which every test run does for a moment.
set -euo pipefail
cd "$(dirname "$0")/.."
each=${SECONDS_EACH:-60}

echo "== mutations of fixtures, $each s a target"
DARKSLIDE_FUZZ=$each cargo test -p darkslide-core --lib -- --nocapture fuzzing

if ! cargo fuzz --version >/dev/null 2>&1 || ! cargo +nightly --version >/dev/null 2>&1; then
    echo "== no cargo-fuzz or no nightly toolchain here: libFuzzer left out (cargo install cargo-fuzz)"
    exit 0
fi
for target in $(sed -n 's/^name = "\([a-z0-9]*\)"$/\1/p' fuzz/Cargo.toml); do
    echo "== libFuzzer: $target, $each s"
    mkdir -p "fuzz/corpus/$target"
    # memory of one run is bounded as a worker's is, and no input may take 20 s
    cargo +nightly fuzz run "$target" "fuzz/corpus/$target" tests/fixtures/camera tests/fixtures/card -- \
        -max_total_time="$each" -rss_limit_mb=1024 -timeout=20 -max_len=131072
done

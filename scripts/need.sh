#!/usr/bin/env bash
# Installs what is missing on Debian 12, and says what. Rust and Node are not installed behind
# anybody's back: Debian's own are too old, so it says how to get them, and stops.
set -euo pipefail

RUST_MIN=1.95
NODE_MIN=20.19
GARAGE=2.5.0
DENY=0.20.2
ASCMHL=1.2
# The number goes up with the list below it: it names the folder they are installed in.
SCORE=1
SCORE_PIP="pillow==13.0.0 pillow-heif==1.8.1 pillow-jxl-plugin==1.3.8 rawpy==0.28.0 numpy==2.4.6"

APT_BUILD="build-essential pkg-config cmake nasm ca-certificates libde265-dev libdav1d-dev"
APT_WINDOW="libwebkit2gtk-4.1-dev"
APT_TEST="xvfb xauth xdotool dbus dbus-x11 gnome-keyring libsecret-tools webkit2gtk-driver chromium chromium-driver fonts-dejavu-core procps ffmpeg libimage-exiftool-perl exiv2 gstreamer1.0-libav gstreamer1.0-plugins-bad"
APT_MHL="python3 python3-venv"
APT_SCORE="python3 python3-venv ffmpeg libimage-exiftool-perl"
APT_BUNDLE="xvfb xauth dbus dbus-x11 xdotool desktop-file-utils appstream"
APT_BENCH="rclone restic libvips-tools exiv2 python3"

apt_wanted=()

say() { printf '== %s\n' "$*" >&2; }

at_least() { # at_least HAVE WANTED
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n1)" = "$2" ]
}

apt_missing() {
    if ! command -v dpkg-query >/dev/null; then
        say "this is no Debian: needed are the equivalents of: $*"
        return
    fi
    local package
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] \
            || apt_wanted+=("$package")
    done
}

apt_install() {
    [ ${#apt_wanted[@]} -gt 0 ] || return 0
    local sudo=()
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null; then
            say "please install as root, then run this again:"
            say "  apt-get update && apt-get install -y --no-install-recommends ${apt_wanted[*]}"
            exit 1
        fi
        sudo=(sudo)
    fi
    say "installing by apt: ${apt_wanted[*]}"
    "${sudo[@]}" apt-get update -qq
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${apt_wanted[@]}" >/dev/null
    apt_wanted=()
}

need_rust() {
    local have
    have=$(rustc --version 2>/dev/null | cut -d' ' -f2 || true)
    if [ -n "$have" ] && at_least "${have%%-*}" "$RUST_MIN"; then
        if command -v rustup >/dev/null && ! { cargo clippy --version && cargo fmt --version; } >/dev/null 2>&1; then
            say "adding clippy and rustfmt"
            rustup --quiet component add clippy rustfmt
        fi
        return
    fi
    say "Rust $RUST_MIN or newer is needed; here is ${have:-none} (Debian's own is too old)."
    if command -v rustup >/dev/null; then
        say "Run:  rustup update stable && rustup default stable"
    else
        say "Run:  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y"
        say "      (apt-get install curl, if that is missing), then run make again."
    fi
    exit 1
}

need_node() {
    local have
    have=$(node --version 2>/dev/null | tr -d v || true)
    if [ -n "$have" ] && at_least "$have" "$NODE_MIN" && command -v npm >/dev/null; then
        return
    fi
    say "Node $NODE_MIN or newer with npm is needed; here is ${have:-none} (Debian's own is too old)."
    say "Run:  curl -fsSL https://deb.nodesource.com/setup_22.x | sudo -E bash - && sudo apt-get install -y nodejs"
    say "or take it from https://nodejs.org/en/download, then run make again."
    exit 1
}

# cargo_tool NAME VERSION ARGS..: built in a folder of its own, which goes away again. Quickly, as
# tests want it; optimised where `root` names another place for it.
cargo_tool() {
    local name=$1 version=$2
    shift 2
    local profile=(--debug --config profile.dev.debug=false)
    [ -z "${root:-}" ] || profile=()
    local root=${root:-${CARGO_INSTALL_ROOT:-${CARGO_HOME:-$HOME/.cargo}}} have
    have=$("$root/bin/$name" --version 2>/dev/null | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -n1 || true)
    [ "$have" = "$version" ] && return
    if [ -z "$have" ] && [ ${#profile[@]} -gt 0 ] && command -v "$name" >/dev/null; then
        return # somebody's own, elsewhere on the PATH
    fi
    say "building $name $version (once, some minutes)"
    local target
    target=$(mktemp -d)
    cargo install --quiet --locked --force "${profile[@]}" --root "$root" \
        --target-dir "$target" "$@" "$name@$version"
    rm -rf "$target"
}

# The ASC's own program for MHL histories, in a virtual environment of its own.
need_ascmhl() {
    local root=${XDG_CACHE_HOME:-$HOME/.cache}/darkslide/ascmhl-$ASCMHL
    [ -e "$root/complete" ] && return
    say "installing ascmhl $ASCMHL by pip into $root"
    rm -rf "$root"
    mkdir -p "$(dirname "$root")"
    python3 -m venv "$root"
    "$root/bin/pip" install --quiet --disable-pip-version-check "ascmhl==$ASCMHL"
    touch "$root/complete"
}

# Other people's decoders, for `make score`.
need_score() {
    local root=${XDG_CACHE_HOME:-$HOME/.cache}/darkslide/score-$SCORE
    [ -e "$root/complete" ] && return
    say "installing Pillow, pillow-heif, LibRaw and numpy by pip into $root"
    rm -rf "$root"
    mkdir -p "$(dirname "$root")"
    python3 -m venv "$root"
    # shellcheck disable=SC2086
    "$root/bin/pip" install --quiet --disable-pip-version-check $SCORE_PIP
    touch "$root/complete"
}

for what in "$@"; do
    case $what in
        apt-build) apt_missing $APT_BUILD ;;
        apt-window) apt_missing $APT_WINDOW ;;
        apt-test) apt_missing $APT_TEST ;;
        apt-bundle) apt_missing $APT_BUNDLE ;;
        apt-bench) apt_missing $APT_BENCH ;;
        rust) apt_install && need_rust ;;
        node) apt_install && need_node ;;
        ascmhl) apt_missing $APT_MHL && apt_install && need_ascmhl ;;
        score) apt_missing $APT_SCORE && apt_install && need_score ;;
        garage) cargo_tool garage "$GARAGE" --no-default-features --features bundled-libs,sqlite ;;
        garage-optimised)
            # a server built for tests would be the slowest part of what it measures
            root=${XDG_CACHE_HOME:-$HOME/.cache}/darkslide \
                cargo_tool garage "$GARAGE" --no-default-features --features bundled-libs,sqlite ;;
        deny) cargo_tool cargo-deny "$DENY" ;;
        *) say "need.sh knows no '$what'" && exit 2 ;;
    esac
done
apt_install

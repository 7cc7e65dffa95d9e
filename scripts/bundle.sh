#!/usr/bin/env bash
# Builds the .deb and proves it: what is in it, that it installs, that its window comes up, that it
# goes again without a trace. `PROFILE=debug` takes the quick build.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '== %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

profile=${PROFILE:-release}
flags=(--bundles deb)
[ "$profile" = release ] || flags+=(--debug)

say "building the window ($profile)"
target=$(cargo metadata --format-version 1 --no-deps | grep -o '"target_directory":"[^"]*"' | cut -d'"' -f4)
(cd src-tauri && npx --yes @tauri-apps/cli@2.12.4 build "${flags[@]}" -- --bin darkslide-app ${CARGO_FLAGS:-})
deb=$(ls -t "$target/$profile"/bundle/deb/*.deb | head -n1)
say "made $deb ($(du -h "$deb" | cut -f1))"

scratch=$(mktemp -d)
installed=
clean() {
    [ -z "$installed" ] || "${sudo[@]}" dpkg --purge darkslide >/dev/null || true
    rm -rf "$scratch"
}
sudo=()
[ "$(id -u)" = 0 ] || sudo=(sudo)
trap clean EXIT

dpkg-deb --extract "$deb" "$scratch/files"
[ -x "$scratch/files/usr/bin/darkslide-app" ] || fail "the program is not in it"
ls "$scratch"/files/usr/share/applications/*.desktop >/dev/null || fail "no entry for the menu"
ls "$scratch"/files/usr/share/icons/hicolor/*/apps/*.png >/dev/null || fail "no icon"
# What its libraries are asked of must be named: a missing one is a window that never comes.
depends=$(dpkg-deb --field "$deb" Depends)
while read -r library; do
    package=$(dpkg-query --search "$library" 2>/dev/null | head -n1 | cut -d: -f1)
    case $package in
        libde265-0 | libdav1d6 | libwebkit2gtk-4.1-0 | libgtk-3-0)
            grep -q "$package" <<<"$depends" || fail "$package is needed and not named: $depends" ;;
    esac
done < <(ldd "$scratch/files/usr/bin/darkslide-app" | awk '/=> \// { print $3 }')

say "installing"
installed=yes
"${sudo[@]}" dpkg --install "$deb" >/dev/null
command -v darkslide-app >/dev/null || fail "darkslide-app is not on the path"

say "starting its window"
export HOME="$scratch/home" XDG_RUNTIME_DIR="$scratch/run"
mkdir -p "$HOME" "$XDG_RUNTIME_DIR"
chmod 700 "$XDG_RUNTIME_DIR"
DARKSLIDE_HOME="$scratch/home/darkslide" GTK_THEME=Adwaita:dark timeout 60 xvfb-run -a -s "-screen 0 1280x800x24" \
    dbus-run-session -- bash -euc '
        darkslide-app & app=$!
        for _ in $(seq 100); do
            xdotool search --name "^Darkslide$" >/dev/null 2>&1 && break
            kill -0 "$app" || { echo "the program ended" >&2; exit 1; }
            sleep 0.2
        done
        xdotool search --name "^Darkslide$" >/dev/null
        sleep 3
        [ -z "${1:-}" ] || import -window root "$1"
        # A second start ends by itself: the first window is there already.
        timeout 10 darkslide-app || { echo "a second window came up" >&2; exit 1; }
        kill -0 "$app"
        kill "$app"' _ "${PICTURE:-}"

say "removing"
"${sudo[@]}" dpkg --purge darkslide >/dev/null
installed=
! command -v darkslide-app >/dev/null || fail "the program is still there"
say "built, installed, started and removed: $deb"

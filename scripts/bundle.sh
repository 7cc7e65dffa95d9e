#!/usr/bin/env bash
# Builds the .deb and proves it: what is in it, that it installs, that window and command line come
# up, that it goes again without a trace. `PROFILE=debug` packs what `cargo build --workspace` made.
# Without root it is unpacked instead of installed.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '== %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

profile=${PROFILE:-release}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n1)
target=$(cargo metadata --format-version 1 --no-deps | grep -o '"target_directory":"[^"]*"' | cut -d'"' -f4)
date=$(git log -1 --format=%cs 2>/dev/null || date -I)

scratch=$(mktemp -d)
sudo=()
[ "$(id -u)" = 0 ] || sudo=(sudo --non-interactive)
installed=
clean() {
    [ -z "$installed" ] || "${sudo[@]}" dpkg --purge darkslide >/dev/null || true
    rm -rf "$scratch"
}
trap clean EXIT

# --- the programs -------------------------------------------------------------------------------

say "building ($profile)"
if [ "$profile" = release ]; then
    # Two runs: the demo, its server and its sample card stay out of the command line.
    cargo build --release -p darkslide-app --features tauri/custom-protocol
    cargo build --release -p darkslide --no-default-features
else
    cargo build --workspace
fi

# --- what lies around them ----------------------------------------------------------------------

say "packing"
# The bundler rewrites the program it packs, so it gets a copy, in a target folder of its own.
stage=$scratch/stage
usr=$stage/usr
mkdir -p "$stage/$profile" "$usr/bin" "$usr/share/"{man/man1,metainfo,doc/darkslide} \
    "$usr/share/"{bash-completion/completions,zsh/vendor-completions,fish/vendor_completions.d} \
    "$usr/share/icons/hicolor/scalable/apps" "$usr/share/lintian/overrides"
strip --strip-unneeded -o "$stage/$profile/darkslide-app" "$target/$profile/darkslide-app"
strip --strip-unneeded -o "$usr/bin/darkslide" "$target/$profile/darkslide"

filled() { # filled FILE: a file of src-tauri/linux with its blanks filled in
    sed -e "s/@VERSION@/$version/g" -e "s/@DATE@/$date/g" "src-tauri/linux/$1"
}
"$usr/bin/darkslide" man --to "$usr/share/man/man1"
filled darkslide-app.1 >"$usr/share/man/man1/darkslide-app.1"
"$usr/bin/darkslide" completions bash >"$usr/share/bash-completion/completions/darkslide"
"$usr/bin/darkslide" completions zsh >"$usr/share/zsh/vendor-completions/_darkslide"
"$usr/bin/darkslide" completions fish >"$usr/share/fish/vendor_completions.d/darkslide.fish"
filled photo.darkslide.Darkslide.metainfo.xml >"$usr/share/metainfo/photo.darkslide.Darkslide.metainfo.xml"
cp src-tauri/linux/lintian-overrides "$usr/share/lintian/overrides/darkslide"
cp icons/darkslide.svg "$usr/share/icons/hicolor/scalable/apps/darkslide-app.svg"
doc=$usr/share/doc/darkslide
sed -e '/^@MIT@$/{r /dev/stdin' -e 'd}' src-tauri/linux/copyright \
    < <(sed -e '1,/^$/d' -e 's/^$/./' -e 's/^/ /' LICENSE-MIT) >"$doc/copyright"
node scripts/notices.mjs >"$doc/third-party.txt"
printf 'darkslide (%s) stable; urgency=medium\n\n  * What changed stands in the history of its source.\n\n -- The Darkslide authors <noreply@darkslide.invalid>  %s\n' \
    "$version" "$(date -R -d "$date" -u)" >"$doc/changelog"
gzip -9n "$doc/changelog" "$doc/third-party.txt" "$usr"/share/man/man1/*.1

# Debian's own tool says which packages bring the libraries, and how new they must be.
mkdir "$stage/debian"
printf 'Source: darkslide\n\nPackage: darkslide\nArchitecture: any\n' >"$stage/debian/control"
depends=$(cd "$stage" && dpkg-shlibdeps -O "-e$profile/darkslide-app" -eusr/bin/darkslide 2>/dev/null |
    sed -n 's/^shlibs:Depends=//p' | sed 's/, /", "/g')
[ -n "$depends" ] || fail "no library is known to any package"

files=
for path in bin/darkslide share/{man,metainfo,doc,lintian,bash-completion,zsh,fish,icons/hicolor/scalable}; do
    files+="${files:+, }\"/usr/$path\": \"$usr/$path\""
done
cat >"$stage/deb.json" <<JSON
{ "bundle": { "linux": { "deb": {
    "depends": ["$depends"],
    "files": { $files }
} } } }
JSON
flags=(--bundles deb --ci --config "$stage/deb.json")
[ "$profile" = release ] || flags+=(--debug)
# The bundler reads CI as true or false, which not everybody writes.
(cd src-tauri && env -u CI CARGO_TARGET_DIR="$stage" ../ui/node_modules/.bin/tauri bundle "${flags[@]}" >&2)
deb=$target/$profile/bundle/deb/darkslide_${version}_$(dpkg --print-architecture).deb
mkdir -p "$(dirname "$deb")"
mv "$stage/$profile"/bundle/deb/*.deb "$deb"
say "made $deb ($(du -h "$deb" | cut -f1))"

# --- what is in it ------------------------------------------------------------------------------

files=$scratch/files
dpkg-deb --extract "$deb" "$files"
for path in bin/darkslide bin/darkslide-app share/applications/Darkslide.desktop \
    share/icons/hicolor/{32x32,64x64,128x128}/apps/darkslide-app.png \
    share/icons/hicolor/scalable/apps/darkslide-app.svg \
    share/metainfo/photo.darkslide.Darkslide.metainfo.xml \
    share/man/man1/{darkslide,darkslide-app,darkslide-import,darkslide-vault-create}.1.gz \
    share/doc/darkslide/{copyright,changelog.gz,third-party.txt.gz} \
    share/bash-completion/completions/darkslide share/zsh/vendor-completions/_darkslide \
    share/fish/vendor_completions.d/darkslide.fish; do
    [ -s "$files/usr/$path" ] || fail "/usr/$path is not in it"
done
# A library nobody names is a window that never comes.
depends=$(dpkg-deb --field "$deb" Depends)
for package in libc6 libwebkit2gtk-4.1-0 libgtk-3-0 libde265-0 libdav1d6; do
    grep -q "\b$package\b" <<<"$depends" || fail "$package is needed and not named: $depends"
done
zgrep -q '^libheif-sys ' "$files/usr/share/doc/darkslide/third-party.txt.gz" || fail "libheif is not named"
! grep -rq '@[A-Z]*@' "$files/usr/share/"{metainfo,doc/darkslide/copyright} || fail "a blank was not filled in"
desktop-file-validate "$files/usr/share/applications/Darkslide.desktop" || fail "the menu's entry is wrong"
appstreamcli validate --no-net "$files/usr/share/metainfo/photo.darkslide.Darkslide.metainfo.xml" >&2 ||
    fail "what software centres show is wrong"
if command -v lintian >/dev/null; then
    lintian --allow-root --fail-on error,warning "$deb" >&2 || fail "lintian objects"
fi

# --- whether it works ---------------------------------------------------------------------------

if "${sudo[@]}" true 2>/dev/null; then
    say "installing"
    installed=yes
    "${sudo[@]}" dpkg --install "$deb" >/dev/null
    bin=/usr/bin
else
    say "no root here: started from where it was unpacked"
    bin=$files/usr/bin
fi
PATH=$bin:$PATH
[ "$(command -v darkslide-app)" = "$bin/darkslide-app" ] || fail "darkslide-app is not on the path"
[ "$(darkslide --version)" = "darkslide $version" ] || fail "the command line does not answer"
if [ "$profile" = release ]; then
    ! darkslide demo --help >/dev/null 2>&1 || fail "the demo is in it"
fi

say "starting its window"
export HOME="$scratch/home" XDG_RUNTIME_DIR="$scratch/run"
mkdir -p "$HOME" "$XDG_RUNTIME_DIR"
chmod 700 "$XDG_RUNTIME_DIR"
DARKSLIDE_HOME="$scratch/home/darkslide" GTK_THEME=Adwaita:dark NO_AT_BRIDGE=1 timeout 120 xvfb-run -a -s "-screen 0 1280x800x24" \
    dbus-run-session -- bash -euc '
        darkslide-app & app=$!
        seen=
        for _ in $(seq 150); do
            # Windows that go while it looks make it fail: it looks again.
            xdotool search --name "^Darkslide$" >/dev/null 2>&1 && seen=yes && break
            kill -0 "$app" || { echo "the program ended" >&2; exit 1; }
            sleep 0.2
        done
        [ -n "$seen" ] || { echo "no window came up" >&2; exit 1; }
        if [ -n "${1:-}" ]; then sleep 3; import -window root "$1"; fi
        # A second start ends by itself: the first window is there already.
        timeout 30 darkslide-app || { echo "a second window came up" >&2; exit 1; }
        kill -0 "$app"
        kill "$app"' _ "${PICTURE:-}"

if [ -n "$installed" ]; then
    say "removing"
    left=$(dpkg --listfiles darkslide | grep -i darkslide)
    "${sudo[@]}" dpkg --purge darkslide >/dev/null
    installed=
    for path in $left; do
        [ ! -e "$path" ] || fail "$path is still there"
    done
fi
say "built, ${left:+installed, }started${left:+ and removed}: $deb"

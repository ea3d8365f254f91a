#!/usr/bin/env bash
# Builds the image for this machine's architecture, with no container engine's daemon, and starts once what is in it.
# The image stays in buildah's storage as thoughtspot-operator:VERSION. What is done goes to stderr, size and times to stdout.
#
# CARGO: what builds the binaries (default: cargo; for one, "cargo auditable").
# CA_CERTIFICATES: the roots to put into the image (default: those of this machine).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { echo "image: $*" >&2; }
die() { say "$*"; exit 1; }

target=$(uname -m)-unknown-linux-musl
roots=${CA_CERTIFICATES:-/etc/ssl/certs/ca-certificates.crt}
command -v buildah >/dev/null || die "buildah is missing: apt-get install buildah"
command -v musl-gcc >/dev/null || die "musl-gcc is missing, which the cryptography is compiled with: apt-get install musl-tools"
[[ -s $roots ]] || die "$roots is missing: apt-get install ca-certificates, or set CA_CERTIFICATES"
if command -v rustup >/dev/null; then rustup target add "$target" >&2; fi

say "building for $target"
${CARGO:-cargo} build --release --locked --target "$target" -p thoughtspot-operator -p thoughtspot-simulator --bins >&2
built=${CARGO_TARGET_DIR:-target}/$target/release

context=$(mktemp -d)
trap 'rm -rf "$context"; if [[ -n ${container:-} ]]; then buildah --storage-driver vfs rm "$container" >/dev/null; fi' EXIT
cp image/Containerfile LICENSE "$built/thoughtspot-operator" "$built/thoughtspot-simulator" "$context"
cp "$roots" "$context/ca-certificates.crt"
for binary in operator simulator; do
  ! readelf --program-headers "$context/thoughtspot-$binary" | grep -q INTERP || die "thoughtspot-$binary needs a loader, which the image has none of"
done
# It may be run by any user, whatever this machine's mask.
chmod 0755 "$context"/thoughtspot-*
chmod 0644 "$context/ca-certificates.crt" "$context/LICENSE"

version=$(cargo metadata --format-version 1 --no-deps --locked | python3 -c 'import json, sys
print(next(p["version"] for p in json.load(sys.stdin)["packages"] if p["name"] == "thoughtspot-operator"))')
image=thoughtspot-operator:$version
buildah --storage-driver vfs bud --isolation chroot --timestamp "${SOURCE_DATE_EPOCH:-0}" --tag "$image" "$context" >&2

say "starting it once"
container=$(buildah --storage-driver vfs from "$image")
inside() { buildah --storage-driver vfs run --isolation chroot "$container" -- "$@"; }
inside /thoughtspot-operator --version
inside /thoughtspot-operator crd | grep -c '^kind: CustomResourceDefinition' >/dev/null || die "the operator in the image prints no kinds"
inside /thoughtspot-simulator --version
du --apparent-size --block-size=1K "$context"/thoughtspot-* | awk '{ sub(".*/", "", $2); print $2 ": " $1 " KiB"; sum += $1 } END { print "together: " sum " KiB" }'
say "built $image; next: buildah --storage-driver vfs push $image WHERE"

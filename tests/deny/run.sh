#!/usr/bin/env bash
# Shows that the rules of deny.toml refuse what they are for: crates are made, each with one thing wrong, and cargo-deny has to say which.
# Nothing is fetched: what they depend on is made here, too. `make deny` runs it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
deny=$(command -v cargo-deny || echo "${CARGO_HOME:-$HOME/.cargo}/bin/cargo-deny")
# What cargo keeps of a git repository goes with the rest.
export CARGO_HOME=$room/cargo

# A crate: folder, what its [package] says besides name and version, its dependencies.
crate() {
  mkdir -p "$room/$1/src"
  touch "$room/$1/src/lib.rs"
  printf '[package]\nname = "%s"\nversion = "1.0.0"\nedition = "2024"\n%s\n[dependencies]\n%s\n' "${1##*/}" "$2" "$3" >"$room/$1/Cargo.toml"
}

# What cargo-deny says of a crate and all it depends on; fails when it does.
judge() {
  cargo generate-lockfile --quiet --manifest-path "$room/$1/Cargo.toml"
  "$deny" --offline --locked --format json --config deny.toml --manifest-path "$room/$1/Cargo.toml" check bans licenses sources 2>&1
}

refused() {
  if said=$(judge "$1"); then
    echo "deny: $1 is let through" >&2; exit 1
  elif ! grep -q "\"code\":\"$2\"" <<<"$said"; then
    printf 'deny: %s is refused, and not for %s:\n%s\n' "$1" "$2" "$said" >&2; exit 1
  fi
}

mit='license = "MIT"'
crate own/good "$mit" ''
crate own/depends-on-good "$mit"$'\npublish = false' 'good = { path = "../good" }'
judge own/depends-on-good >/dev/null || { judge own/depends-on-good; echo "deny: what is good is refused" >&2; exit 1; }

crate elsewhere/fork "$mit" ''
git -C "$room/elsewhere/fork" init --quiet
git -C "$room/elsewhere/fork" add .
git -C "$room/elsewhere/fork" -c user.name=test -c user.email=test@example.com -c commit.gpgsign=false commit --quiet --message fork
crate own/depends-on-git "$mit" "fork = { version = \"1\", git = \"file://$room/elsewhere/fork\" }"
refused own/depends-on-git source-not-allowed

crate own/copyleft 'license = "GPL-3.0-only"' ''
crate own/depends-on-copyleft "$mit" 'copyleft = { version = "1", path = "../copyleft" }'
refused own/depends-on-copyleft rejected

crate own/silent '' ''
crate own/depends-on-silent "$mit" 'silent = { version = "1", path = "../silent" }'
refused own/depends-on-silent unlicensed

crate own/depends-on-any "$mit" 'good = { path = "../good" }'
refused own/depends-on-any wildcard

echo "deny: what is not wanted is refused" >&2

#!/usr/bin/env bash
# Runs published ThoughtSpot clients against the simulator. Arguments go to pytest; SIMULATOR names the binary to start.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
built=${CARGO_TARGET_DIR:-$root/target}
export SIMULATOR=${SIMULATOR:-$built/debug/thoughtspot-simulator}
# Nothing is written between the sources.
export PYTHONPYCACHEPREFIX=$built/clients/pycache

python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
  echo "test-clients: Python 3.11 or newer with venv is needed (Debian: apt-get install python3-venv)" >&2
  exit 1
}
# Other requirements or another Python are another environment, so that one that is there can be used as it is.
key=$({ python3 --version; cat "$here/requirements.txt"; } | cksum | cut -d' ' -f1)
environment=$built/clients/venv-$key
if [[ ! -e $environment/complete ]]; then
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check --require-hashes --requirement "$here/requirements.txt"
  touch "$environment/complete"
fi
exec "$environment/bin/python" -m pytest --config-file "$here/pytest.ini" --rootdir "$here" "${@:-$here}"

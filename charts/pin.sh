#!/usr/bin/env bash
# Writes into the values of a chart which image it runs, by its digest, as a released chart has it.
# usage: charts/pin.sh CHART REPOSITORY@sha256:DIGEST
set -euo pipefail
chart=$1 image=$2
[[ $image =~ ^[^@[:space:]]+@sha256:[0-9a-f]{64}$ ]] || { echo "pin: write REPOSITORY@sha256:DIGEST instead of $image" >&2; exit 1; }
sed -i "/^image:/,/^[^ ]/ { s|^  repository: .*|  repository: ${image%@*}|; s|^  digest: .*|  digest: ${image#*@}| }" "$chart/values.yaml"

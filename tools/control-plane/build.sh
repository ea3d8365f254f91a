#!/usr/bin/env bash
# Builds a real Kubernetes control plane from the Go modules beside this file, once per version, into the user's cache.
# Prints the folder that holds the binaries as its only line on stdout; what it does goes to stderr.
# With the name of a tool of the tests (helm, kubeconform, kstatus) it builds only that, and prints where it is.
#
# KUBEBUILDER_ASSETS: a folder that already holds kube-apiserver and etcd; then only what it lacks is built.
# HELM: a helm to use instead of ours.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
say() { echo "control-plane: $*" >&2; }
die() { say "$*"; exit 1; }

# The version of module $2 that the go.mod in folder $1 requires: a bump there gives the cache another folder.
version_of() { awk -v module="$2" '{ sub(/^require /, "") } $1 == module { print $2; exit }' "$here/$1/go.mod"; }
kubernetes=$(version_of kubernetes k8s.io/kubernetes)
etcd=$(version_of etcd go.etcd.io/etcd/server/v3)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/thoughtspot-operator/control-plane

check_go() {
  command -v go >/dev/null || die "Go is needed to build the Kubernetes control plane: install Go 1.25 or newer (https://go.dev/dl)"
  local version major minor
  version=$(cd "$here/kubernetes" && GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || version=$(GOTOOLCHAIN=local go version | awk '{ print $3 }')
  IFS=. read -r major minor _ <<<"${version#go}"
  (( major > 1 || (major == 1 && ${minor%%[!0-9]*} >= 25) )) || die "Go 1.25 or newer is needed, this is $version (https://go.dev/dl)"
}

# Of two runs at once the second waits and then finds everything built; without flock both build, which only takes longer.
lock() {
  if [[ -n ${locked:-} ]] || ! command -v flock >/dev/null; then return; fi
  exec 9>"$out/.lock"
  flock -n 9 || { say "another run is building, waiting for it"; flock 9; }
  locked=yes
}

# Without these the API server says it is v0.0.0, and helm takes charts to be for Kubernetes 1.20.
version_flags() {
  local number=${kubernetes#v} package
  local major=${number%%.*} minor
  minor=$(cut -d. -f2 <<<"$number")
  case $1 in
    kubernetes)
      package=k8s.io/component-base/version
      echo "-X $package.gitVersion=$2 -X $package.gitMajor=$major -X $package.gitMinor=$minor" ;;
    helm)
      echo "-X helm.sh/helm/v3/internal/version.version=$2"
      for package in chartutil lint/rules; do
        package=helm.sh/helm/v3/pkg/$package
        echo "-X $package.k8sVersionMajor=$major -X $package.k8sVersionMinor=$minor"
      done ;;
  esac
}

# build MODULE PACKAGE VERSION NAME HOW-LONG: the binary NAME of PACKAGE, unless it is there. Written under another name and
# renamed, so that whoever finds it finds it whole.
build() {
  local module=$1 package=$2 version=$3 name=$4 long=$5 flags="-s -w"
  if [[ -x $out/$name ]]; then return; fi
  lock
  if [[ -x $out/$name ]]; then return; fi
  check_go
  say "building $name $version, once, about $long on two cores"
  flags+=" $(version_flags "$module" "$version")"
  local temporary="$out/.$name.$$"
  (cd "$here/$module" && CGO_ENABLED=0 go build -mod=readonly -trimpath -ldflags "$flags" -o "$temporary" "$package" >&2) ||
    die "building $name $version failed; the lines above say why"
  mv -f "$temporary" "$out/$name"
}

trap 'rm -f "${out:-/nonexistent}"/.*.$$' EXIT

# only FOLDER MODULE PACKAGE VERSION NAME HOW-LONG: builds just this, into a folder of its own, and ends with where it is.
only() {
  out=$cache/$1
  mkdir -p "$out"
  build "${@:2}"
  echo "$out/$5"
  exit
}

case ${1:-} in
  "") ;;
  helm)
    if [[ -n ${HELM:-} ]]; then
      command -v "$HELM" || die "HELM=$HELM cannot be run"
      exit
    fi
    helm=$(version_of helm helm.sh/helm/v3)
    only "helm-$helm-for-$kubernetes" helm helm.sh/helm/v3/cmd/helm "$helm" helm "4 minutes" ;;
  kubeconform)
    kubeconform=$(version_of ../kubeconform github.com/yannh/kubeconform)
    only "kubeconform-$kubeconform" ../kubeconform github.com/yannh/kubeconform/cmd/kubeconform "$kubeconform" kubeconform "1 minute" ;;
  kstatus)
    kstatus=$(version_of ../kstatus sigs.k8s.io/cli-utils)
    # The program around the library is ours: another one goes into another folder.
    only "kstatus-$kstatus-$(cksum <"$here/../kstatus/main.go" | cut -d' ' -f1)" ../kstatus . "$kstatus" kstatus "1 minute" ;;
  *) die "there is no tool $1" ;;
esac

assets=${KUBEBUILDER_ASSETS:-}
if [[ -n $assets ]]; then
  [[ -x $assets/kube-apiserver && -x $assets/etcd ]] || die "KUBEBUILDER_ASSETS=$assets does not hold kube-apiserver and etcd"
  assets=$(cd "$assets" && pwd)
  out=$cache/assets-$(cksum <<<"$assets" | cut -d' ' -f1)
  mkdir -p "$out"
  for binary in kube-apiserver kube-controller-manager etcd kubectl; do
    if [[ -x $assets/$binary ]]; then ln -sfn "$assets/$binary" "$out/$binary"; fi
  done
else
  out=$cache/$kubernetes-etcd-$etcd
  mkdir -p "$out"
fi

build etcd go.etcd.io/etcd/server/v3 "$etcd" etcd "1 minute"
build kubernetes k8s.io/kubernetes/cmd/kube-apiserver "$kubernetes" kube-apiserver "5 minutes"
build kubernetes k8s.io/kubernetes/cmd/kube-controller-manager "$kubernetes" kube-controller-manager "2 minutes"
if ! command -v kubectl >/dev/null; then
  build kubernetes k8s.io/kubernetes/cmd/kubectl "$kubernetes" kubectl "1 minute"
fi
echo "$out"

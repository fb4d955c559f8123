# shellcheck shell=bash
# Debian root file systems from the machine's own mirror: the same packages give the same bytes.

rootfs=$state/rootfs

# The image's apt configuration: the machine's own entries for the archive, pointed at the release wanted.
image_sources() {
  local suite=$1 main security
  main=$(source_entry Debian "$(os_release VERSION_CODENAME)")
  security=$(source_entry Debian-Security "$(os_release VERSION_CODENAME)-security")
  [[ -n $main ]] || return 1
  source_for "$main" "$suite $suite-updates" main
  if [[ -n $security ]]; then
    echo
    source_for "$security" "$suite-security" main
  fi
}

# Settings without which the mirror cannot be reached from inside the image either.
mirror_options() {
  apt-config dump Acquire | sed -nE '/^Acquire::(https?::Proxy|Check-(Valid-Until|Date)) "/p'
}

# Like the official slim images: no manuals, no translations, no package cache in later layers.
slim_options=(
  "--dpkgopt=path-exclude=/usr/share/man/*" "--dpkgopt=path-exclude=/usr/share/info/*"
  "--dpkgopt=path-exclude=/usr/share/locale/*" "--dpkgopt=path-exclude=/usr/share/doc/*"
  "--dpkgopt=path-include=/usr/share/doc/*/copyright"
  "--aptopt=Acquire::Languages \"none\"" "--aptopt=Apt::AutoRemove::SuggestsImportant \"false\""
)
clean_after_apt='DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };'

# The dollars in the hooks are mmdebstrap's shell's.
# shellcheck disable=SC2016
debootstrap_one() {
  local suite=$1 architecture=$2 options=("${slim_options[@]}") option
  while read -r option; do options+=("--aptopt=$option"); done < <(mirror_options)
  if grep -q https: "$rootfs/debian.sources"; then options+=(--include=ca-certificates); fi
  # By itself bookworm merges /usr with a package that asks for all of Perl, 47 MB.
  if [[ $suite == bookworm ]]; then options+=("--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr"); fi
  TMPDIR=$rootfs mmdebstrap --quiet --variant=minbase --architectures="$architecture" "${options[@]}" \
    --customize-hook="echo '$clean_after_apt' >\"\$1/etc/apt/apt.conf.d/docker-clean\"" \
    --customize-hook='rm -f "$1/etc/resolv.conf" "$1/etc/hostname"' \
    --customize-hook='find "$1/var/log" "$1/var/cache" -type f -delete' \
    --format=tar "$suite" "$rootfs/$architecture.tar" "$rootfs/debian.sources"
}

clear_rootfs() {
  local running
  if [[ ! -d $rootfs ]]; then return; fi
  mapfile -t running < <(jobs -p)
  if ((${#running[@]})); then
    kill "${running[@]}" 2>/dev/null || true
    wait || true
  fi
  unmount_below "$rootfs"
  rm -rf --one-file-system "$rootfs"
}

ensure_mmdebstrap() {
  if ((EUID)) && ! command -v newuidmap >/dev/null; then
    die "an ordinary user cannot unpack a system without newuidmap" \
      "install the package uidmap, or let this machine reach Docker Hub" 10
  fi
  if command -v mmdebstrap >/dev/null && command -v arch-test >/dev/null; then return; fi
  can_install || die "mmdebstrap is missing" "install the packages mmdebstrap and arch-test, or let this machine reach Docker Hub" 10
  note "installing mmdebstrap"
  private_apt_get --yes --no-install-recommends install mmdebstrap arch-test >"$state/install.log" 2>&1 ||
    die "mmdebstrap could not be installed" "read $state/install.log" 10
}

# build_rootfs RELEASE ARCHITECTURE...: writes $rootfs/ARCHITECTURE.tar, side by side. The jobs inherit the lock, so
# that those of a killed run have ended before the next one starts.
build_rootfs() {
  local suite architecture jobs=()
  case $1 in debian12) suite=bookworm ;; debian13) suite=trixie ;; esac
  shift
  take_lock
  clear_rootfs
  mkdir -p "$rootfs"
  copy_sources >"$state/seed.log" 2>&1
  image_sources "$suite" >"$rootfs/debian.sources" ||
    die "this machine's apt configuration has no Debian archive" "seed on a Debian machine, or let this one reach Docker Hub" 10
  ensure_mmdebstrap
  for architecture in "$@"; do
    debootstrap_one "$suite" "$architecture" >"$state/seed-$architecture.log" 2>&1 &
    jobs+=($!)
  done
  for architecture in "$@"; do
    wait "${jobs[0]}" || die "debian $suite for $architecture could not be built" "read $state/seed-$architecture.log"
    jobs=("${jobs[@]:1}")
  done
  rm -rf "$apt_dir"
}

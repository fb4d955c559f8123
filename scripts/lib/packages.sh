# shellcheck shell=bash
# The distribution's own packages, from a newer suite of the same archive where the machine's own is too old.
#
# Pins of priority 1 keep everything but the packages named here at the machine's own suite, and a simulation must
# agree before anything moves.

engine_packages=(docker.io docker-cli docker-buildx containerd tini-static docker-registry cosign crane)
emulator_packages=(qemu-user qemu-user-binfmt qemu-user-static)
plain_packages=(iptables iproute2 ca-certificates) # of the machine's own suite, where they are missing
services=(docker.service docker.socket containerd.service docker-registry.service)
minimum_engine=25 # the first with both the containerd store for builds and CDI devices

# borrow SUITE PACKAGE...: these packages, and no others, come from SUITE.
borrow() {
  local suite=$1 entry extension=list
  shift
  entry=$(source_entry "$archive_label" "$codename")
  if [[ -z $entry ]]; then
    echo "apt's configuration has no entry for $archive_label $codename"
    return 1
  fi
  if [[ $entry == *.sources:* ]]; then extension=sources; fi
  source_for "$entry" "$suite" "$components" >"$apt_dir/sources/borrowed-$suite.$extension"
  printf 'Package: *\nPin: release n=%s\nPin-Priority: 1\n\nPackage: %s\nPin: release n=%s\nPin-Priority: 990\n\n' \
    "$suite" "$*" "$suite" >>"$apt_dir/preferences"
}

engine_is_current() {
  version_at_least "$(candidate docker.io)" "$minimum_engine" && version_at_least "$(candidate docker-buildx)" "$minimum_buildx"
}

# Borrow where the own suites are too old. Ubuntu brings new engines to its old releases itself.
choose_suites() {
  local emulator_suite=trixie components=main
  if [[ $distribution == ubuntu ]]; then
    emulator_suite=noble components="main universe"
  elif ! engine_is_current; then
    borrow sid "${engine_packages[@]}" || return 1
  fi
  version_at_least "$(candidate qemu-user-static)" "$minimum_qemu" ||
    borrow "$emulator_suite" "${emulator_packages[@]}" || return 1
  if [[ -s $apt_dir/preferences ]]; then private_apt_get update; fi
}

# Reads apt's simulation; prints every change that is neither new nor asked for.
unwanted_changes() {
  awk -v asked=" $* " '
    $1 == "Remv" { print "removes " $2 }
    $1 == "Inst" && $3 ~ /^\[/ && !index(asked, " " $2 " ") { print "upgrades " $2 }'
}

# Packages start and enable their services when installed; these run under `engine up` only.
# The marker tells a leftover of ours from the machine's own policy.
forbid_services() {
  local policy=/usr/sbin/policy-rc.d
  if [[ -e $policy ]] && ! grep -q cuda-image-builder $policy; then return; fi
  printf '#!/bin/sh\n# cuda-image-builder: no services while packages are installed\nexit 101\n' >$policy
  chmod +x $policy
}

allow_services() {
  if grep -qs cuda-image-builder /usr/sbin/policy-rc.d; then rm -f /usr/sbin/policy-rc.d; fi
}

# enabled_services: those that somebody wanted at boot before us.
enabled_services() { systemctl is-enabled "${services[@]}" 2>/dev/null | grep -c '^enabled' || true; }

tools_present() {
  local tool
  for tool in docker dockerd containerd runc docker-registry iptables ip; do
    command -v "$tool" >/dev/null || return 1
  done
  version_at_least "$(dockerd --version | sed -n 's/^Docker version \([0-9.]*\).*/\1/p')" "$minimum_engine" &&
    version_at_least "$(buildx_version)" "$minimum_buildx" && find_emulator >/dev/null
}

finish_interrupted_installation() {
  if [[ -n $(dpkg --audit) ]]; then DEBIAN_FRONTEND=noninteractive dpkg --configure -a; fi
}

# Installs after a simulation that changes nothing else.
install_packages() {
  local packages unwanted before
  mapfile -t packages < <(
    available "${engine_packages[@]}" "${emulator_packages[@]}"
    missing "${plain_packages[@]}"
  )
  unwanted=$(private_apt_get --simulate --no-install-recommends install "${packages[@]}" | unwanted_changes "${packages[@]}") || return 1
  if [[ -n $unwanted ]]; then
    echo "would change other packages: ${unwanted//$'\n'/, }"
    return 1
  fi
  before=$(enabled_services)
  trap allow_services EXIT
  forbid_services
  private_apt_get --yes --no-install-recommends install "${packages[@]}" || return 1
  allow_services
  if [[ $before == 0 ]]; then systemctl disable "${services[@]}" || true; fi
}

install_tools() {
  local log=$state/install.log distribution codename archive_label
  distribution=$(os_release ID) codename=$(os_release VERSION_CODENAME)
  archive_label=${distribution^}
  note "installing the container engine and the emulator from the distribution's archive ($log)"
  { finish_interrupted_installation && copy_sources && choose_suites && install_packages; } >"$log" 2>&1 || {
    tail -5 "$log" >&2
    die "the container engine could not be installed" "read $log, or install Docker >= $minimum_engine yourself" 10
  }
  rm -rf "$apt_dir"
}

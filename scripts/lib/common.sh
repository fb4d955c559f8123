# shellcheck shell=bash
# What every script of this folder needs: messages, the state folder with its names, and its lock.

note() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# die WHAT FIX [EXIT_CODE]
die() {
  printf '%s: %s\n  fix: %s\n' "${0##*/}" "$1" "$2" >&2
  exit "${3:-1}"
}

# Daemons live in /usr/sbin, which an ordinary user's PATH often lacks.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

state=${CIB_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/cuda-image-builder}
# Socket paths are limited to 108 bytes, and the path is written into JSON, YAML and process arguments.
[[ $state =~ ^/[A-Za-z0-9._/-]+$ && ${#state} -le 70 ]] ||
  die "the state folder '$state' is not an absolute path of at most 70 plain characters" "set CIB_STATE to a shorter one" 10

# Eight characters for names that the whole machine shares: bridge, chains, cgroup, container. The inode is part of
# them, because a chroot or a container may have another folder at the same path.
short_id() {
  mkdir -p "$state"
  { stat --format %d:%i "$state" && echo "$state"; } | sha256sum | cut -c1-8
}

# Serialise whatever changes the state folder. Processes that outlive the script must be started with 9>&-.
take_lock() {
  mkdir -p "$state"
  exec 9>"$state/lock"
  flock -w 600 9 || die "another run has held $state/lock for ten minutes" "wait for it, or end it"
}

# os_release KEY
os_release() { sed -n "s/^$1=\"\{0,1\}\([^\"]*\)\"\{0,1\}$/\1/p" /etc/os-release 2>/dev/null || true; }

# Root on a distribution whose packages these scripts know.
can_install() { [[ $EUID -eq 0 && $(os_release ID) =~ ^(debian|ubuntu)$ ]] && command -v apt-get >/dev/null; }

# version_at_least FOUND MINIMUM: dotted numbers, an epoch and anything after them ignored.
version_at_least() {
  local found=${1#*:}
  found=${found#v}
  [[ $found =~ ^[0-9]+(\.[0-9]+)* ]] || return 1
  printf '%s\n%s\n' "$2" "${BASH_REMATCH[0]}" | sort -CV
}

# shellcheck shell=bash
# Finding and ending processes that this state folder started, and no others.
#
# A pid file is a hint only: after a crash its number may belong to anyone. What counts is the argument list,
# which names a configuration file inside the state folder and so occurs nowhere else; in a chroot or a container that
# shows the host's processes the same path is another file, so the root has to be ours too.

# has_arguments PID ARGUMENT...: is this exactly how PID was started?
has_arguments() {
  local pid=$1 found
  shift
  [[ $pid =~ ^[1-9][0-9]*$ ]] || return 1
  { mapfile -d '' -t found <"/proc/$pid/cmdline"; } 2>/dev/null || return 1
  [[ ${#found[@]} -eq $# && "${found[*]@Q}" == "${*@Q}" && /proc/$pid/root -ef / ]]
}

# pid_of PID_FILE ARGUMENT...: the running process, looked up in the pid file, then in /proc.
pid_of() {
  local file=$1 pid process
  shift
  pid=$(cat "$file" 2>/dev/null || true)
  if has_arguments "$pid" "$@"; then
    echo "$pid"
    return
  fi
  for process in /proc/[0-9]*; do
    if has_arguments "${process#/proc/}" "$@"; then
      echo "${process#/proc/}"
      return
    fi
  done
  return 1
}

# have_ended PID...: none runs; one that nobody has reaped yet has no arguments left.
have_ended() {
  local pid
  for pid in "$@"; do
    [[ -z $(tr -d '\0' 2>/dev/null <"/proc/$pid/cmdline") ]] || return 1
  done 2>/dev/null
}

# wait_until SECONDS COMMAND...
wait_until() {
  local tries=$(($1 * 10))
  shift
  while ! "$@"; do
    ((tries-- > 0)) || return 1
    sleep 0.1
  done
}

# end_process PID_FILE SECONDS ARGUMENT...: TERM, then KILL after the time given.
end_process() {
  local file=$1 seconds=$2 pid
  shift 2
  if pid=$(pid_of "$file" "$@"); then
    kill -TERM "$pid"
    wait_until "$seconds" lacks_arguments "$pid" "$@" || kill -KILL "$pid" 2>/dev/null || true
    wait_until 5 lacks_arguments "$pid" "$@" || die "process $pid ($1) does not end" "look at it with: ps -fp $pid"
  fi
  rm -f "$file"
}

lacks_arguments() { ! has_arguments "$@"; }

# mounts_below FOLDER: one mount point a line, innermost first.
mounts_below() {
  local fields
  while read -ra fields; do
    printf '%b\n' "${fields[4]//\\/\\0}"
  done </proc/self/mountinfo | grep -F "$1/" | sort -r || true
}

unmount_below() {
  local mount
  while read -r mount; do
    umount -l "$mount" 2>/dev/null || note "could not unmount $mount"
  done < <(mounts_below "$1")
}

# shellcheck shell=bash
# The private engine: a dockerd whose data, sockets and cgroup are all its own.

engine=$state/engine
socket=$engine/docker.sock
daemon=(dockerd --config-file "$engine/daemon.json")
containerd=(containerd --config "$engine/exec/containerd/containerd.toml")
cgroup=cuda-image-builder-$(short_id)

daemon_pid() { pid_of "$engine/dockerd.pid" "${daemon[@]}"; }
daemon_answers() { timeout 10 docker --host "unix://$socket" version --format '{{.Server.Version}}' 2>/dev/null; }
daemon_network() { sed -n 's/.*"bridge": *"\([^"]*\)".*/\1/p' "$engine/daemon.json" 2>/dev/null; }

write_daemon_config() {
  cat >"$engine/daemon.json" <<JSON
{
  "data-root": "$engine/data",
  "exec-root": "$engine/exec",
  "pidfile": "$engine/dockerd.pid",
  "hosts": ["unix://$socket"],
  "features": {"containerd-snapshotter": true, "cdi": true},
  "exec-opts": ["native.cgroupdriver=cgroupfs"],
  "cgroup-parent": "/$cgroup",
  "bridge": "$1", "mtu": $(mtu), "userland-proxy": $([[ $1 == none ]] && echo false || echo true),
  "iptables": false, "ip6tables": false, "ip-forward": false
}
JSON
}

# Everything that a container or a build step of this engine started is in its cgroup.
cgroup_pids() { grep -lE ":/([^:]*/)?$cgroup/" /proc/[0-9]*/cgroup 2>/dev/null | cut -d/ -f3 || true; }

shim_pids() {
  local process arguments
  for process in /proc/[0-9]*; do
    { mapfile -d '' -t arguments <"$process/cmdline"; } 2>/dev/null || continue
    [[ ${arguments[0]:-} == *containerd-shim-runc-v2 && $process/root -ef / ]] || continue
    if [[ "${arguments[*]}" == *" -address $engine/exec/containerd/containerd.sock"* ]]; then
      echo "${process#/proc/}"
    fi
  done
}

# What an engine that was killed leaves behind. Call it only when this state folder's dockerd does not run.
clear_leftovers() {
  local pids
  mapfile -t pids < <(cgroup_pids; shim_pids)
  if [[ ${#pids[@]} -gt 0 ]]; then
    note "ending ${#pids[@]} processes that a killed engine left behind"
    kill -KILL "${pids[@]}" 2>/dev/null || true
    wait_until 10 have_ended "${pids[@]}" || note "some of them do not end: ${pids[*]}"
  fi
  end_process "$engine/containerd.pid" 5 "${containerd[@]}"
  unmount_below "$engine"
  rm -rf "$engine/exec" "$engine/dockerd.pid" "$socket"
}

start_daemon() {
  mkdir -p "$engine"
  clear_leftovers
  write_daemon_config "$(network_up)"
  setsid "${daemon[@]}" >"$engine/dockerd.log" 2>&1 </dev/null 9>&- &
  wait_until 60 daemon_ready $! || {
    tail -5 "$engine/dockerd.log" >&2
    die "the private engine did not start" "read $engine/dockerd.log" 10
  }
}

# Answers, or has ended and never will.
daemon_ready() { daemon_answers >/dev/null || ! kill -0 "$1" 2>/dev/null; }

ensure_daemon() {
  if daemon_pid >/dev/null && wait_until 30 daemon_answers >/dev/null; then
    [[ $(daemon_network) == none ]] || network_intact || network_up >/dev/null
    return
  fi
  if daemon_pid >/dev/null; then
    note "the private engine hangs; starting it again"
    end_process "$engine/dockerd.pid" 20 "${daemon[@]}"
  fi
  start_daemon
  daemon_answers >/dev/null || {
    tail -5 "$engine/dockerd.log" >&2
    die "the private engine ended at once" "read $engine/dockerd.log" 10
  }
}

stop_daemon() {
  [[ -d $engine ]] || return 0
  end_process "$engine/dockerd.pid" 30 "${daemon[@]}"
  clear_leftovers
  network_down
}

# shellcheck shell=bash
# The Docker that the user already has: what it is, and whether it can do this work.

minimum_buildx=0.13

# Our own socket in DOCKER_HOST, left by an earlier `engine env`, is not the user's Docker.
forget_private_engine() {
  if [[ ${DOCKER_HOST:-} == "unix://$socket" ]]; then unset DOCKER_HOST; fi
}

buildx_version() { timeout 10 docker buildx version 2>/dev/null | sed -n 's/^[^ ]* v\{0,1\}\([0-9][0-9.]*\).*/\1/p'; }

# An older client in front of the distribution's one on PATH: put the newer in front, for our processes only.
choose_client() {
  local newer=/usr/bin/docker
  [[ -x $newer && $(command -v docker) != "$newer" ]] || return 0
  version_at_least "$(buildx_version)" "$minimum_buildx" && return
  mkdir -p "$state/bin"
  ln -sfn "$newer" "$state/bin/docker"
  PATH=$state/bin:$PATH
}

has_containerd_store() {
  timeout 10 docker info --format '{{json .DriverStatus}}' 2>/dev/null | grep -q 'io.containerd.snapshotter'
}

# A builder that is not the engine itself keeps several platforms apart without the containerd store.
has_multi_platform_builder() {
  local inspected
  inspected=$(timeout 20 docker buildx inspect 2>/dev/null) || return 1
  ! grep -Eq '^Driver: +docker$' <<<"$inspected" && grep -q linux/amd64 <<<"$inspected" && grep -q linux/arm64 <<<"$inspected"
}

# Prints why the user's Docker cannot be used; nothing when it can.
host_problem() {
  local buildx
  if ! command -v docker >/dev/null; then
    echo "there is no docker command"
  elif ! timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; then
    echo "no Docker engine answers"
  elif ! buildx=$(buildx_version) || ! version_at_least "$buildx" "$minimum_buildx"; then
    echo "Buildx ${buildx:-(none)} is older than $minimum_buildx"
  elif ! has_containerd_store && ! has_multi_platform_builder; then
    echo "the engine has neither the containerd image store nor a builder for several platforms"
  fi
}

# shellcheck shell=bash
# The local registry: the distribution's docker-registry where it is installed, else its image on the engine in use.

registry=$state/registry
registry_image=registry:2.8.3
registry_container=cuda-image-builder-registry-$(short_id)

# The port in use, else the one asked for.
registry_port() {
  local used
  used=$(sed -n 's/.*addr: 127\.0\.0\.1:\([0-9]*\)$/\1/p' "$registry/config.yml" 2>/dev/null || true)
  echo "${CIB_PORT:-${used:-5000}}"
}

# The status line of GET /v2/, over plain TCP because a bare machine has no curl.
registry_status() {
  local line=''
  {
    exec 3<>"/dev/tcp/127.0.0.1/$(registry_port)" || return 1
    printf 'GET /v2/ HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' >&3
    IFS= read -r -t 5 line <&3
    exec 3>&-
  } 2>/dev/null
  echo "${line%$'\r'}"
}

registry_answers() { [[ $(registry_status) =~ ^HTTP/1\.[01]\ (200|401) ]]; }
port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$(registry_port)") 2>/dev/null; }

registry_process() { pid_of "$registry/registry.pid" docker-registry serve "$registry/config.yml"; }
registry_is_ours() { registry_process >/dev/null || [[ -e $registry/container ]]; }

write_registry_config() {
  cat >"$registry/config.yml" <<YAML
version: 0.1
log:
  level: warn
  accesslog: {disabled: true}
storage:
  filesystem: {rootdirectory: $registry/data}
  delete: {enabled: true}
http:
  addr: 127.0.0.1:$1
YAML
}

# A registry killed in the middle of a write leaves uploads nobody will finish, links that are not a digest's
# 71 characters, and empty blobs. Without them clients find the content missing and push it again.
mend_registry() {
  local data=$registry/data/docker/registry/v2
  local empty=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
  [[ -d $data ]] || return 0
  find "$data/repositories" -depth -type d -path '*/_uploads/*' -exec rm -rf {} + 2>/dev/null || true
  find "$data/repositories" -type f -name link ! -size 71c -delete 2>/dev/null || true
  find "$data/blobs" -type f -name data -size 0 ! -path "*/$empty/*" -delete 2>/dev/null || true
}

start_registry_process() {
  setsid docker-registry serve "$registry/config.yml" >"$registry/registry.log" 2>&1 </dev/null 9>&- &
  echo $! >"$registry/registry.pid"
}

start_registry_container() {
  mkdir -p "$registry/data"
  docker rm --force "$registry_container" >/dev/null 2>&1 || true
  touch "$registry/container"
  docker run --detach --name "$registry_container" --user "$(id -u):$(id -g)" --restart unless-stopped \
    --publish "127.0.0.1:$1:5000" --env REGISTRY_STORAGE_DELETE_ENABLED=true \
    --volume "$registry/data:/var/lib/registry" "$registry_image" >/dev/null ||
    die "the image $registry_image cannot be run" "install the package docker-registry, or let the engine reach its registry" 20
}

ensure_registry() {
  local wanted
  wanted=$(registry_port)
  if registry_answers; then return; fi
  stop_registry
  if port_is_taken; then
    die "port $wanted on 127.0.0.1 is taken by something that is not a registry" "choose another: CIB_PORT=5001" 20
  fi
  mkdir -p "$registry"
  write_registry_config "$wanted"
  mend_registry
  if command -v docker-registry >/dev/null; then start_registry_process; else start_registry_container "$wanted"; fi
  wait_until 20 registry_answers || die "the registry did not start on 127.0.0.1:$wanted" "read $registry/registry.log" 20
}

stop_registry() {
  [[ -d $registry ]] || return 0
  end_process "$registry/registry.pid" 20 docker-registry serve "$registry/config.yml"
  if [[ -e $registry/container ]]; then
    docker rm --force "$registry_container" >/dev/null 2>&1 || true
    rm -f "$registry/container"
  fi
}

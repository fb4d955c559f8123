# shellcheck shell=bash
# The other architecture: a QEMU user emulator, known to the kernel under a name of ours.

minimum_qemu=8 # QEMU 7.2 crashes when arm64 Python imports torch
binfmt=/proc/sys/fs/binfmt_misc

case $(uname -m) in
  x86_64)
    own_platform=linux/amd64 other_platform=linux/arm64 other_cpu=aarch64
    # ELF, 64 bit, little endian, any OS ABI, executable or shared object, e_machine 0xb7
    other_magic='\x7f\x45\x4c\x46\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
    ;;
  aarch64)
    own_platform=linux/arm64 other_platform=linux/amd64 other_cpu=x86_64
    other_magic='\x7f\x45\x4c\x46\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00'
    ;;
  *) die "machine type $(uname -m) is not supported" "use an amd64 or an arm64 machine" 10 ;;
esac
other_mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
own_entry=$binfmt/cuda-image-builder-$other_cpu

emulator_version() { "$1" --version 2>/dev/null | sed -n '1s/.*version \([0-9][0-9.]*\).*/\1/p'; }

# A dynamically linked emulator cannot find its libraries inside a container.
is_static() { ldd "$1" 2>&1 | grep -Eq 'statically linked|not a dynamic executable'; }

# The first emulator on this machine that is static and new enough.
find_emulator() {
  local path
  for path in "/usr/bin/qemu-$other_cpu-static" "/usr/bin/qemu-$other_cpu"; do
    if [[ -x $path ]] && version_at_least "$(emulator_version "$path")" "$minimum_qemu" && is_static "$path"; then
      echo "$path"
      return
    fi
  done
  return 1
}

# entry_works FILE: enabled, fixed (the kernel holds the emulator open, so containers need no copy), new enough.
entry_works() {
  local entry interpreter
  entry=$(cat "$1" 2>/dev/null) || return 1
  interpreter=$(sed -n 's/^interpreter //p' <<<"$entry")
  [[ $entry == enabled* ]] && grep -q '^flags:.*F' <<<"$entry" && [[ -x $interpreter ]] &&
    version_at_least "$(emulator_version "$interpreter")" "$minimum_qemu"
}

# The kernel tries the newest entry first, so an entry of ours wins over an older emulator's; both names count.
emulation_works() {
  if [[ -e $own_entry ]]; then entry_works "$own_entry"; else entry_works "$binfmt/qemu-$other_cpu"; fi
}

register_emulation() {
  emulation_works && return
  local emulator
  emulator=$(find_emulator) || return 1
  [[ -e $binfmt/register ]] || mount -t binfmt_misc binfmt_misc "$binfmt" || return 1
  emulation_works && return
  if [[ -e $own_entry ]]; then echo -1 >"$own_entry"; fi
  printf '%s' ":${own_entry##*/}:M::$other_magic:$other_mask:$emulator:PF" >"$binfmt/register"
  echo "$own_entry" >"$state/emulation"
}

# Only the state folder that registered the entry takes it away again.
unregister_emulation() {
  [[ -e $state/emulation ]] || return 0
  if [[ -e $own_entry ]]; then echo -1 >"$own_entry"; fi
  rm -f "$state/emulation"
}

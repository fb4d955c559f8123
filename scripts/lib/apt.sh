# shellcheck shell=bash
# apt on a private copy of the machine's own sources, so that /etc/apt and its lists stay as they are.

apt_dir=$state/apt

apt_options=(
  -q -o "Dir::Etc::SourceList=/dev/null" -o "Dir::Etc::SourceParts=$apt_dir/sources"
  -o "Dir::Etc::Preferences=$apt_dir/preferences" -o "Dir::State::Lists=$apt_dir/lists" -o "Dir::Cache=$apt_dir/cache"
  -o "DPkg::Lock::Timeout=300" -o "Dpkg::Use-Pty=0" -o "APT::Sandbox::User=root"
)

private_apt_get() { DEBIAN_FRONTEND=noninteractive apt-get "${apt_options[@]}" "$@"; }

copy_sources() {
  rm -rf "$apt_dir"
  mkdir -p "$apt_dir"/{sources,lists/partial,cache/archives/partial}
  local file
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
    if [[ -s $file ]]; then cp "$file" "$apt_dir/sources/"; fi
  done
  : >"$apt_dir/preferences"
  private_apt_get update || note "some of the machine's own package sources failed"
}

# source_entry LABEL CODENAME: "file:number" of the machine's own entry for that part of the distribution's archive.
source_entry() {
  # shellcheck disable=SC2016 # the dollars are apt's
  private_apt_get indextargets --format '$(LABEL)|$(CODENAME)|$(SOURCESENTRY)' 'Created-By: Packages' |
    sed -n "s/^$1|$2|//p" | head -1
}

# source_for ENTRY SUITES COMPONENTS: that entry as a deb822 stanza or a line, pointed at other suites.
# Whatever else it says, Signed-By above all, is kept.
source_for() {
  local file=${1%:*} number=${1##*:}
  if [[ $file == *.sources ]]; then
    awk -v number="$number" -v suites="$2" -v components="$3" '
      BEGIN { RS = "" }
      NR == number {
        count = split($0, lines, "\n")
        for (i = 1; i <= count; i++) {
          if (lines[i] ~ /^#/) continue
          if (lines[i] !~ /^[ \t]/) skipped = lines[i] ~ /^(Suites|Components|Types|Architectures):/
          if (!skipped) print lines[i]
        }
        print "Types: deb\nSuites: " suites "\nComponents: " components "\n"
      }' "$file"
  else
    local suite
    for suite in $2; do
      sed -nE "${number}{s@arch=[^] ]* *@@;s@^deb +(\\[[^]]*\\] +)?([^ ]+) .*@deb \\1\\2 $suite $3@p}" "$file"
    done
  fi
}

candidate() { private_cache policy "$1" 2>/dev/null | sed -n 's/^  Candidate: //p'; }
private_cache() { apt-cache "${apt_options[@]:1}" "$@"; }

# available PACKAGE...: those that the sources have; older releases lack some.
available() {
  local package
  for package in "$@"; do
    case $(candidate "$package") in '' | '(none)') ;; *) echo "$package" ;; esac
  done
}

is_installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

missing() {
  local package
  for package in "$@"; do
    is_installed "$package" || echo "$package"
  done
}

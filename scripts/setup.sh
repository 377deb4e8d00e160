# shellcheck shell=bash
# What scripts/demo and scripts/test need before they can begin: programs, npm's packages, the executable.
# To be sourced, in the top directory of the checkout.

export PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# install_missing PROGRAM=PACKAGE…: installs the Debian packages of programs that are not there. What cannot be
# installed is told and left to whoever needs it.
install_missing() {
  local pair packages=()
  for pair in "$@"; do
    has "${pair%%=*}" || packages+=("${pair#*=}")
  done
  ((${#packages[@]} > 0)) || return 0
  if ((EUID != 0)) || ! has apt-get; then
    echo "Missing here are what Debian has in the packages: ${packages[*]}."
    return 0
  fi
  echo "Installing ${packages[*]} (they stay installed) …"
  quietly apt-get update -qq || true
  quietly env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${packages[@]}" || true
}

# npm's packages as package-lock.json has them. A directory that has them is left alone.
install_packages() {
  has npm || fail 'npm is missing: install Node.js with npm first, any version from 20 on.'
  [[ -x node_modules/.bin/node ]] && npm ls --all >/dev/null 2>&1 && return
  echo 'Installing what package-lock.json lists (npm ci) …'
  quietly npm ci --no-progress || fail 'npm ci failed; the lines above say why.'
}

build_executable() {
  echo 'Building dist/netappdvp, unless it is up to date …'
  quietly scripts/build --if-stale || fail 'The build failed; the lines above say why.'
}

has() {
  command -v "$1" >/dev/null
}

# quietly COMMAND…: its output is shown only if it fails.
quietly() {
  local output status=0
  output=$("$@" 2>&1 </dev/null) || status=$?
  ((status == 0)) || printf '%s\n' "$output" >&2
  return "$status"
}

fail() {
  echo "${0##*/}: $1" >&2
  exit 1
}

# shellcheck shell=bash
# Node.js, npm, and the development packages of each package.json.

NODE_MIN=20

setup_node() {
  has_node || apt_install "the Node and WebAssembly packages need Node.js" nodejs npm || true
  has_node || die "Node.js $NODE_MIN or newer with npm not found (found: $(node --version 2>/dev/null || echo none))" \
    "install it (https://nodejs.org), then try again"
}

has_node() {
  local version
  version=$(node --version 2>/dev/null) || return 1
  version=${version#v}
  [ "${version%%.*}" -ge "$NODE_MIN" ] && command -v npm >/dev/null
}

# setup_npm DIR
setup_npm() {
  local dir=$1 stamp wanted
  setup_node
  [ -f "$dir/package.json" ] || die "$dir/package.json is missing" "this part of the tree is incomplete"
  [ -f "$dir/package-lock.json" ] || die "$dir/package-lock.json is missing" "run \`npm install\` in $dir and commit the file"
  stamp=$TOOLS/stamps/npm-$(printf '%s' "$dir" | tr / -)
  wanted=$({ node --version; cat "$dir/package-lock.json"; } | sha256)
  [ -d "$dir/node_modules" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return
  note_install "the development packages of $dir" "npm ci" "its package-lock.json is new or changed"
  rm -f "$stamp"
  (cd "$dir" && npm_install) || die "npm could not install the packages of $dir" "see .tools/log/npm.log"
  echo "$wanted" >"$stamp"
}

# Install scripts stay off: they are strangers' programs, newer npm blocks them
# anyway, and nothing here needs one.
npm_install() {
  local log=$TOOLS/log/npm.log quiet="--ignore-scripts --no-audit --no-fund --loglevel=error"
  # shellcheck disable=SC2086 # the flags are words
  if ! limit 600 npm ci $quiet </dev/null >"$log" 2>&1; then
    # `npm ci` insists on a lockfile entry for every platform's optional
    # package, even for those that a registry does not have (yet).
    limit 600 npm install --no-save $quiet </dev/null >>"$log" 2>&1 || return 1
  fi
}

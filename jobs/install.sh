#!/bin/sh
# Prepares an agent for the stages: installs the npm packages when package-lock.json has changed in this workspace. In
# Bakehouse's own repository, which is no package of its own, it compiles the stages for each commit and makes the link to them.
set -eu

missing() {
  echo "install: $1" >&2
  exit 4
}

command -v node >/dev/null || missing 'this agent has no node on its PATH: install Node 20.19 or later'
command -v npm >/dev/null || missing 'this agent has no npm on its PATH: it comes with Node'
[ -f package-lock.json ] || missing 'the commit has no package-lock.json: run npm install, and commit the file'

program=node_modules/.bin/bakehouse
installed=node_modules/.bakehouse-lock
if ! cmp -s package-lock.json "$installed"; then
  # An npm ci that was cut off must not count as done.
  rm -f "$installed"
  npm ci --include=dev --no-audit --no-fund
  cp package-lock.json "$installed"
fi

if [ -f jobs/compile.mjs ]; then
  commit=$(git rev-parse HEAD 2>/dev/null || true)
  if [ -z "$commit" ] || [ "$(cat dist/.commit 2>/dev/null)" != "$commit" ]; then
    node jobs/compile.mjs "$commit"
  fi
  ln -sf ../../dist/bakehouse.js "$program"
fi
[ -x "$program" ] || missing 'package-lock.json does not have bakehouse: run npm install --save-dev bakehouse, and commit package.json and package-lock.json'

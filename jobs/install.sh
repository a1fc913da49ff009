#!/bin/sh
# Prepares an agent for the stages. Installs the npm packages when package-lock.json has changed in this workspace, and compiles
# the stages to JavaScript for each commit.
set -eu

missing() {
  echo "install: $1; \`npm run doctor\` says what else is missing on an agent" >&2
  exit 4
}

command -v node >/dev/null || missing 'this agent has no node on its PATH: install Node 20.19 or later'
command -v npm >/dev/null || missing 'this agent has no npm on its PATH: it comes with Node'

installed=node_modules/.bakehouse-lock
if ! cmp -s package-lock.json "$installed"; then
  # An npm ci that was cut off must not count as done.
  rm -f "$installed"
  npm ci --include=dev --no-audit --no-fund
  cp package-lock.json "$installed"
fi

commit=$(git rev-parse HEAD 2>/dev/null || true)
if [ -z "$commit" ] || [ "$(cat dist/.commit 2>/dev/null)" != "$commit" ]; then
  node jobs/compile.mjs "$commit"
fi

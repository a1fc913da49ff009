#!/bin/sh
# What an agent needs before the first stage: Bakehouse's npm packages. They are installed anew only when package-lock.json has
# changed in this workspace: that takes longer than all stages' starts together.
set -eu

missing() {
  echo "install: $1; \`npm run doctor\` says what else an agent lacks" >&2
  exit 4
}

command -v node >/dev/null || missing 'this agent has no node on its PATH: install Node 20.19 or later'
command -v npm >/dev/null || missing 'this agent has no npm on its PATH: it comes with Node'

installed=node_modules/.bakehouse-lock
if ! cmp -s package-lock.json "$installed"; then
  npm ci --no-audit --no-fund
  cp package-lock.json "$installed"
fi

#!/bin/sh
# What an agent needs before the first stage: Bakehouse's npm packages, anew only when package-lock.json has changed in this
# workspace, since that takes longer than all stages' starts together; and its stages as JavaScript, anew for each commit.
set -eu

missing() {
  echo "install: $1; \`npm run doctor\` says what else an agent lacks" >&2
  exit 4
}

command -v node >/dev/null || missing 'this agent has no node on its PATH: install Node 20.19 or later'
command -v npm >/dev/null || missing 'this agent has no npm on its PATH: it comes with Node'

installed=node_modules/.bakehouse-lock
if ! cmp -s package-lock.json "$installed"; then
  # Cut off, it may leave this and little else.
  rm -f "$installed"
  npm ci --no-audit --no-fund
  cp package-lock.json "$installed"
fi

commit=$(git rev-parse HEAD 2>/dev/null || true)
if [ -z "$commit" ] || [ "$(cat dist/.commit 2>/dev/null)" != "$commit" ]; then
  node jobs/compile.mjs "$commit"
fi

#!/bin/sh
# Runs on the machine that runs Packer: packs the Puppet environment into one file, since a copy of many small
# files over ssh costs a round trip for each.
# MANIFESTS: the environment's folder. ARCHIVE: the file to write.
set -eu
if [ ! -d "$MANIFESTS" ]; then
  echo "archive.sh: there is no folder '$MANIFESTS': give the Puppet environment with build --manifests DIR" >&2
  exit 1
fi
# --dereference: modules that are links out of the checkout come along.
exec tar -czf "$ARCHIVE" --dereference --exclude-vcs -C "$MANIFESTS" .

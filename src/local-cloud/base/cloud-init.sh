#!/bin/sh
# Enough of cloud-init's command for provisioners that begin with `cloud-init status --wait`.
finished=/var/lib/cloud/instance/boot-finished
case "${1:-} ${2:-}" in
  'status --wait') while [ ! -e "$finished" ]; do sleep 0.2; done && echo 'status: done' ;;
  'status ') if [ -e "$finished" ]; then echo 'status: done'; else echo 'status: running'; fi ;;
  *)
    echo "cloud-init: only 'status [--wait]' is there on this machine: $*" >&2
    exit 2
    ;;
esac

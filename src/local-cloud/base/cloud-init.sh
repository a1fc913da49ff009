#!/bin/sh
# cloud-init's command. Where first-boot and user-data do its work, its status is theirs, and is told without Python.
real=/usr/bin/cloud-init.debian
if [ -e /run/cloud-init/enabled ] || [ "${1:-}" != status ]; then exec "$real" "$@"; fi
shift
wait=no long=no
for option in "$@"; do
  case "$option" in
    -w | --wait) wait=yes ;;
    -l | --long) long=yes ;;
    *)
      echo "cloud-init: this machine knows 'status [--wait] [--long]' only: status $*" >&2
      exit 2
      ;;
  esac
done
here=/var/lib/cloud/instance
while [ "$wait" = yes ] && [ ! -e "$here/boot-finished" ]; do sleep 0.2; done
state=running detail=''
if [ -e "$here/boot-finished" ]; then state='done'; fi
if [ "$state" = 'done' ] && [ -s /run/cloud-init/user-data-failed ]; then
  state=error detail=$(cat /run/cloud-init/user-data-failed)
fi
echo "status: $state"
if [ "$long" = yes ]; then printf 'detail:\n%s\n' "${detail:-DataSourceLocalCloud}"; fi
[ "$state" != error ]

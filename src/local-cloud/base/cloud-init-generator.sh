#!/bin/sh
# In place of cloud-init's own generator: decides at each boot whether cloud-init runs. It costs seconds of processor time,
# and most machines have no user data, or a script, which first-boot and user-data do as it does.
set -u
early=$2
drive=/run/config-drive
if [ ! -d "$drive" ] || [ -e /etc/cloud/cloud-init.disabled ]; then exit 0; fi
mine=/var/lib/cloud/instances/$(cat "$drive/instance-id")
script=$([ "$(head -c 2 "$drive/user-data" | tr -d '\0')" = '#!' ] && echo yes || echo no)
# What somebody has put into the image for cloud-init: all that is newer than the base image.
added=$(find /etc/cloud /var/lib/cloud/scripts /var/lib/cloud/seed /var/lib/cloud/handlers -type f -newer /usr/lib/local-cloud/base 2>/dev/null)
if [ -d "$mine" ]; then
  # Once an instance has begun it goes on in the same way: what runs once has run.
  [ -e "$mine/obj.pkl" ] || exit 0
elif [ -z "$added" ] && { [ ! -s "$drive/user-data" ] || [ "$script" = yes ]; }; then
  exit 0
fi
mkdir -p /run/cloud-init "$early/multi-user.target.wants"
: >/run/cloud-init/enabled
ln -sf /lib/systemd/system/cloud-init.target "$early/multi-user.target.wants/cloud-init.target"

#!/bin/sh
# What cloud-init does on AWS at the end of a boot: user data that is a script runs once in an instance's life.
set -u
drive=/run/config-drive
id=$(cat "$drive/instance-id")
here=/var/lib/cloud/instances/$id
log=/var/log/cloud-init-output.log
mkdir -p "$here/scripts" "$here/sem"
if [ -s "$drive/user-data" ] && [ ! -e "$here/sem/config_scripts_user" ]; then
  # Before the script runs: one that reboots the machine must not run again.
  date -u +%Y-%m-%dT%H:%M:%SZ >"$here/sem/config_scripts_user"
  install -m 600 "$drive/user-data" "$here/user-data.txt"
  if [ "$(head -c 2 "$drive/user-data")" = '#!' ]; then
    install -m 700 "$drive/user-data" "$here/scripts/part-001"
    HOME=/root "$here/scripts/part-001" >>"$log" 2>&1 || printf 'user data exited %s\n' "$?" >>"$log"
  else
    printf 'user data is not a script (no #! line): only scripts are run here\n' >>"$log"
  fi
fi
cut -d ' ' -f 1 /proc/uptime >"$here/boot-finished"

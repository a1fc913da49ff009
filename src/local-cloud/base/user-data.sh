#!/bin/sh
# What cloud-init does on AWS at the end of a boot: user data that is a script runs once in an instance's life. All other
# user data is cloud-init's own affair, and then this does not run.
set -u
drive=/run/config-drive
id=$(cat "$drive/instance-id")
here=/var/lib/cloud/instances/$id
log=/var/log/cloud-init-output.log
failed=/run/cloud-init/user-data-failed
mkdir -p "$here/scripts" "$here/sem" /run/cloud-init

# Its output is on the console, too. A process that it leaves behind may hold the output open, which holds up nothing.
run_script() {
  mkfifo -m 600 /run/cloud-init/output
  tee -a "$log" </run/cloud-init/output &
  HOME=/root "$1" >/run/cloud-init/output 2>&1 || echo "user data exited $?" >"$failed"
  for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 $! 2>/dev/null && sleep 0.1; done
  if [ -s "$failed" ]; then tee -a "$log" <"$failed"; fi
}

if [ -s "$drive/user-data" ] && [ ! -e "$here/sem/config_scripts_user" ]; then
  # Before the script runs: one that reboots the machine must not run again.
  date -u +%Y-%m-%dT%H:%M:%SZ >"$here/sem/config_scripts_user"
  install -m 600 "$drive/user-data" "$here/user-data.txt"
  if [ "$(head -c 2 "$drive/user-data" | tr -d '\0')" = '#!' ]; then
    install -m 700 "$drive/user-data" "$here/scripts/part-001"
    run_script "$here/scripts/part-001"
  else
    echo 'user data other than a script is read at the first boot of an instance only: it is not run' >"$failed"
    tee -a "$log" <"$failed"
  fi
fi
cut -d ' ' -f 1 /proc/uptime >"$here/boot-finished"

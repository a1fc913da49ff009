#!/bin/sh
# What cloud-init does on AWS before sshd starts: this machine's own name, host keys and launch key. The answers
# come from a config drive that the cloud mounts read-only, so nothing of them is in an image made from the machine.
set -eu
drive=/run/config-drive
cloud=/var/lib/cloud
id=$(cat "$drive/instance-id")
name=$(cat "$drive/hostname")
domain=$(cat "$drive/domain")

printf '%s\n' "$name" >/etc/hostname
hostname "$name"
touch /etc/hosts
# A machine that cannot look up its own name makes every sudo wait and complain.
{
  grep -v -E '^127\.0\.1\.1[[:space:]]|# local cloud$' /etc/hosts || true
  printf '127.0.1.1 %s.%s %s\n' "$name" "$domain" "$name"
  # In place of a private DNS zone.
  sed 's/$/ # local cloud/' "$drive/hosts"
} >/etc/hosts.new
grep -q -E '^127\.0\.0\.1[[:space:]]' /etc/hosts.new || printf '127.0.0.1 localhost\n' >>/etc/hosts.new
cat /etc/hosts.new >/etc/hosts
rm -f /etc/hosts.new

# The rest is done by cloud-init itself.
if [ -e /run/cloud-init/enabled ]; then exit 0; fi

mkdir -p "$cloud/instances/$id/sem" "$cloud/data" "$cloud/sem"
previous=$(cat "$cloud/data/instance-id" 2>/dev/null || true)
if [ "$previous" != "$id" ]; then
  # Another machine's image: like cloud-init's ssh_deletekeys, two machines never share host keys.
  rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub
fi
# Debian's sshd does not make missing host keys by itself, it refuses to start. Not RSA: its key takes most of a second,
# and every client of today takes the others.
for type in ecdsa ed25519; do
  key=/etc/ssh/ssh_host_${type}_key
  if [ ! -e "$key" ]; then ssh-keygen -q -t "$type" -N '' -f "$key"; fi
done

if [ -s "$drive/public-key" ] && [ ! -e "$cloud/instances/$id/sem/config_ssh" ]; then
  install -d -m 700 -o admin -g admin /home/admin/.ssh
  touch /home/admin/.ssh/authorized_keys
  grep -q -x -F -f "$drive/public-key" /home/admin/.ssh/authorized_keys ||
    cat "$drive/public-key" >>/home/admin/.ssh/authorized_keys
  chown admin:admin /home/admin/.ssh/authorized_keys
  chmod 600 /home/admin/.ssh/authorized_keys
fi
: >"$cloud/instances/$id/sem/config_ssh"

rm -f "$cloud/instances/$id/boot-finished"
ln -sfn "instances/$id" "$cloud/instance"
printf '%s\n' "${previous:-$id}" >"$cloud/data/previous-instance-id"
printf '%s\n' "$id" >"$cloud/data/instance-id"

#!/bin/sh
# Runs as root on a server that was launched from an image to prove it: prints what the image may have brought along,
# a fact a line, its words separated by tabs. Judged in judge-image.ts.
# $1: names of services, a line each, as base64: they never are part of a command.
fact() {
  (IFS='	'; printf '%s\n' "$*")
}
digest() {
  sha256sum | cut -d ' ' -f 1
}

fact system "$(timeout 120 systemctl is-system-running --wait 2>/dev/null)"
systemctl list-units --state=failed --plain --no-legend --no-pager | while read -r unit _; do fact failed-unit "$unit"; done

fact machine-id "$(tr -d '\n' </etc/machine-id | digest)"
for key in /etc/ssh/ssh_host_*_key.pub; do
  fact host-key "$(ssh-keygen -l -f "$key" | cut -d ' ' -f 2)"
done
fact hostname "$(uname -n)"
# Not random-seed: each boot writes that anew.
for seed in /var/lib/systemd/credential.secret; do
  if [ -f "$seed" ]; then fact seed "$seed" "$(digest <"$seed")"; fi
done

{
  echo /root
  getent passwd | cut -d : -f 6
  find /home -mindepth 1 -maxdepth 1 -type d
} | sort -u | while read -r home; do
  for file in "$home/.ssh/authorized_keys" "$home/.ssh/authorized_keys2"; do
    if [ -f "$file" ]; then
      grep -v -E '^[[:space:]]*(#|$)' "$file" | while read -r line; do fact authorized "$file" "$line"; done
    fi
  done
  find "$home" -maxdepth 1 -type f \( -name '.*_history' -o -name .lesshst -o -name .viminfo \) 2>/dev/null |
    while read -r file; do fact history "$file"; done
done

# What the server itself has made since it booted (a Puppet server its CA) is its own.
started=$(sed 's/.*) //' /proc/1/stat | cut -d ' ' -f 20)
booted=$(sed -n 's/^btime //p' /proc/stat)
touch -d "@$((booted + started / $(getconf CLK_TCK) - 1))" /run/bakehouse-booted
# Puppet's own packages put it there, where sudo does not look.
PATH=$PATH:/opt/puppetlabs/bin
setting() {
  puppet config print --section agent "$@" 2>/dev/null | sed 's/^[a-z_]* = //'
}
{
  # Below the folders of Debian's packages, of Puppet's own, and of the team's: what was synced or installed is no trace
  # of a run.
  {
    printf '%s\n' /etc/puppet /var/lib/puppet /var/cache/puppet /var/lib/puppetserver
    printf '%s\n' /etc/puppetlabs /opt/puppetlabs/puppet/cache /opt/puppetlabs/puppet/public /opt/puppetlabs/server/data
    if command -v puppet >/dev/null; then setting vardir; fi
  } | sort -u | while read -r directory; do
    find "$directory" -type f ! -newer /run/bakehouse-booted \
      ! -path "$directory/code/*" ! -path "$directory/modules/*" ! -path "$directory/lib/*" \( \
      -path '*/ssl/*' -o -path '*/ca/*' -o -path '*/client_data/*' -o -path '*/client_yaml/*' -o -path '*/clientbucket/*' \
      -o -path '*/bucket/*' -o -path '*/reports/*' -o -path '*/state/*' -o -path '*/facts.d/*' -o -path '*/yaml/*' \
      -o -path '*/server_data/*' -o -path '*/public/*' \
      -o -name '*.pem' -o -name csr_attributes.yaml -o -name 'last_run_*' \) 2>/dev/null
  done
  # And all below those that hold nothing else, wherever the team's puppet.conf puts them.
  if command -v puppet >/dev/null; then
    setting ssldir cadir statedir clientyamldir clientbucketdir reportdir publicdir | while read -r directory; do
      case "$directory" in /?*/?*) find "$directory" -type f ! -newer /run/bakehouse-booted 2>/dev/null ;; esac
    done
  fi
} | sort -u | while read -r file; do fact of-puppet "$file"; done
rm -f /run/bakehouse-booted

for file in /var/lib/bakehouse-bake /etc/facter/facts.d/bakehouse.json /etc/facter/facts.d/bakehouse-run.json \
  /etc/dpkg/dpkg.cfg.d/bakehouse /etc/apt/apt.conf.d/zz-bakehouse /usr/local/lib/bakehouse-bake; do
  if [ -e "$file" ]; then fact of-bake "$file"; fi
done
for unit in puppet.service puppet-run.timer puppet-run.service pxp-agent.service; do
  fact unit "$unit" "$(systemctl is-enabled "$unit" 2>/dev/null)" "$(systemctl is-active "$unit" 2>/dev/null)"
done
printf '%s' "$1" | base64 -d | grep . | while read -r service; do
  fact service "$service" "$(systemctl is-enabled "$service" 2>/dev/null)" "$(systemctl is-active "$service" 2>/dev/null)"
done
fact end

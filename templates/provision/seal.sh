#!/bin/sh
# On the new machine, as root, last: takes away what belongs to this one machine, so that servers of the image
# share no key, identity or history. May run twice.
set -eu

# Puppet: keys, certificates, catalogs, reports, cached facts, and the facts of the bake.
settings=/tmp/bakehouse/settings
if [ ! -f "$settings" ] && command -v puppet >/dev/null; then
  settings=$(mktemp)
  puppet config print --section agent ssldir statedir client_datadir clientyamldir reportdir >"$settings"
fi
if [ -f "$settings" ]; then
  sed -nE 's/^(ssldir|statedir|client_datadir|clientyamldir|reportdir) = //p' "$settings" |
    while read -r dir; do
      case "$dir" in /?*/?*) rm -rf "$dir" ;; esac
    done
  rm -f "$settings"
fi
rm -f /etc/puppet/csr_attributes.yaml /etc/puppetlabs/puppet/csr_attributes.yaml /etc/facter/facts.d/bakehouse.json
rm -rf /tmp/bakehouse /etc/dpkg/dpkg.cfg.d/bakehouse

# apt's lists are stale on the first boot anyway, and its archives only weigh.
apt-get -q clean
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin

# Logs.
if command -v journalctl >/dev/null; then
  journalctl --quiet --flush --rotate 2>/dev/null || true
  journalctl --quiet --vacuum-size=1 2>/dev/null || true
fi
find /var/log -type f \( -name '*.gz' -o -name '*.[0-9]' -o -name '*.old' \) -delete
find /var/log -type f ! -path '/var/log/journal/*' -exec truncate -s 0 {} +

# Identity: made anew on the first boot. machine-id is emptied, not removed: systemd fills an empty one.
: >/etc/machine-id
rm -f /var/lib/dbus/machine-id /var/lib/systemd/random-seed /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub
rm -f /var/lib/dhcp/*.leases /var/lib/dhcpcd/*.lease
if command -v cloud-init >/dev/null; then cloud-init clean --logs --seed >/dev/null 2>&1 || true; fi
rm -rf /var/lib/cloud/instances /var/lib/cloud/instance /var/lib/cloud/data /var/lib/cloud/sem

# Access: the bake's key, and whatever was typed.
getent passwd | while IFS=: read -r _ _ _ _ _ home _; do
  case "$home" in /?*) ;; *) continue ;; esac
  rm -f "$home/.ssh/authorized_keys" "$home/.ssh/authorized_keys2" "$home/.bash_history" "$home/.sh_history" \
    "$home/.lesshst" "$home/.viminfo" "$home/.wget-hsts" "$home/.python_history"
done

# The agent must not change an immutable server. Last, since Puppet may have enabled it.
for unit in puppet.service puppet-run.timer puppet-run.service pxp-agent.service; do
  systemctl disable --quiet --now "$unit" 2>/dev/null || true
  systemctl mask --quiet "$unit" 2>/dev/null || true
done
sync
echo "seal.sh: sealed"

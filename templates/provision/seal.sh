#!/bin/sh
# On the new machine, as root, last: takes away what belongs to this one machine, so that servers of the image
# share no key, identity or history. May run twice.
# REMOVE_PUPPET: `yes` purges Puppet, too; PUPPET_PACKAGE: which one nodes.yaml asks for.
set -eu
settings=/var/lib/bakehouse-bake/settings
# What lists the image goes with the bake's folder, and runs last of all.
listing=$(cat /var/lib/bakehouse-bake/contents.sh 2>/dev/null) || true
# Puppet's own packages put it there, where sudo does not look.
PATH=$PATH:/opt/puppetlabs/bin

# Puppet: keys, certificates, a CA made meanwhile, catalogs, facts, reports, state, and copies of replaced files.
# Where this Puppet keeps them puppet.sh has asked, and else we do; then the places of Debian's and of Puppet's own packages.
if [ ! -s "$settings" ]; then
  settings=$(mktemp)
  names='vardir ssldir cadir statedir clientyamldir clientbucketdir reportdir publicdir'
  # shellcheck disable=SC2086
  if command -v puppet >/dev/null; then puppet config print --section agent $names >"$settings"; fi
fi
{
  sed -nE 's/^(ssl|ca|state|clientyaml|clientbucket|report|public)dir = //p' "$settings"
  sed -n 's/^vardir = \(.*\)/\1\/client_data/p' "$settings"
  cat <<'DIRECTORIES'
/var/lib/puppet/ssl
/var/cache/puppet/client_data
/var/cache/puppet/client_yaml
/var/cache/puppet/clientbucket
/var/cache/puppet/facts.d
/var/cache/puppet/public
/var/cache/puppet/reports
/var/cache/puppet/state
/etc/puppet/puppetserver/ca
/var/lib/puppetserver/bucket
/var/lib/puppetserver/reports
/var/lib/puppetserver/server_data
/var/lib/puppetserver/yaml
/etc/puppetlabs/puppet/ssl
/etc/puppetlabs/puppetserver/ca
/opt/puppetlabs/puppet/cache/client_data
/opt/puppetlabs/puppet/cache/client_yaml
/opt/puppetlabs/puppet/cache/clientbucket
/opt/puppetlabs/puppet/cache/facts.d
/opt/puppetlabs/puppet/cache/reports
/opt/puppetlabs/puppet/cache/state
/opt/puppetlabs/puppet/public
/opt/puppetlabs/server/data/puppetserver/bucket
/opt/puppetlabs/server/data/puppetserver/reports
/opt/puppetlabs/server/data/puppetserver/server_data
/opt/puppetlabs/server/data/puppetserver/yaml
DIRECTORIES
} | while read -r directory; do
  # Never a top one, should a setting be odd.
  case "$directory" in /?*/?*) rm -rf "$directory" ;; esac
done
rm -f /etc/puppet/csr_attributes.yaml
rm -f /etc/puppetlabs/puppet/csr_attributes.yaml
rm -f /etc/facter/facts.d/bakehouse.json
rm -f /etc/facter/facts.d/bakehouse-run.json
if [ "${REMOVE_PUPPET:-}" = yes ]; then
  for package in puppet puppet-agent openvox-agent puppet-common openfact facter hiera ${PUPPET_PACKAGE:-}; do
    if dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q ' installed$'; then
      DEBIAN_FRONTEND=noninteractive apt-get -q -y purge --auto-remove "$package"
    fi
  done
  rm -rf /etc/puppet /var/lib/puppet /var/cache/puppet
  rm -rf /etc/puppetlabs /opt/puppetlabs
fi

# What came up for the bake, and what else is for the moment only. A running service's own folder goes with the service.
stopped_timers=$(cat /var/lib/bakehouse-bake/stopped-timers 2>/dev/null) || true
rm -f /etc/dpkg/dpkg.cfg.d/bakehouse
rm -f /etc/apt/apt.conf.d/zz-bakehouse
rm -rf /usr/local/lib/bakehouse-bake
rm -rf /var/lib/bakehouse-bake
find /tmp -ignore_readdir_race -xdev -mindepth 1 ! -path '/tmp/systemd-private-*' -delete
find /var/tmp -ignore_readdir_race -xdev -mindepth 1 ! -path '/var/tmp/systemd-private-*' -delete

# apt: its lists are stale on the first boot anyway, its archives only weigh, its passwords are not for servers.
# Not by apt-get clean, which fails when somebody holds its lock.
find /var/cache/apt -type f ! -name lock -delete
rm -rf /var/lib/apt/lists/*
rm -f /etc/apt/auth.conf
rm -rf /etc/apt/auth.conf.d/*
for sources in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
  if [ -f "$sources" ]; then sed -i -E 's#(https?://)[^/@[:space:]]+@#\1#' "$sources"; fi
done

# Logs. wtmp, btmp and lastlog keep their modes.
rm -rf /var/log/journal/*
find /var/log -type f \( -name '*.gz' -o -name '*.xz' -o -name '*.[0-9]' -o -name '*.old' \) -delete
find /var/log -type f -exec truncate -s 0 {} +

# Identity: made anew on the first boot. machine-id is emptied, not removed: systemd fills an empty one.
: >/etc/machine-id
rm -f /var/lib/dbus/machine-id
rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub
# Stopped now, since it saves a seed whenever it stops, also when the machine does.
systemctl stop systemd-random-seed.service 2>/dev/null || true
rm -f /var/lib/systemd/random-seed /var/lib/urandom/random-seed
rm -f /var/lib/systemd/credential.secret
rm -f /var/lib/dhcp/*.leases
rm -f /var/lib/dhcpcd/*.lease*
rm -f /var/lib/NetworkManager/*.lease /var/lib/NetworkManager/secret_key
rm -rf /var/lib/cloud/instance /var/lib/cloud/instances
rm -rf /var/lib/cloud/data
rm -rf /var/lib/cloud/sem
rm -f /etc/hostname
sed -i -E "/[[:space:]]$(uname -n)([[:space:].]|\$)/{/localhost/!d}" /etc/hosts

# Access: the bake's key, and whatever was typed. In passwd or not: a home may belong to a user of elsewhere.
{
  getent passwd | cut -d : -f 6
  find /home -mindepth 1 -maxdepth 1
} | while read -r home; do
  rm -f "$home/.ssh/authorized_keys" "$home/.ssh/authorized_keys2"
  rm -f "$home/.ssh/known_hosts"
  rm -f "$home"/.*_history
  rm -f "$home/.lesshst" "$home/.viminfo" "$home/.wget-hsts"
done

# The agent must not change an immutable server. Last, since Puppet may have enabled it.
units='puppet.service puppet-run.timer puppet-run.service pxp-agent.service'
for unit in $units; do systemctl disable --quiet --now "$unit" 2>/dev/null || true; done
# shellcheck disable=SC2086
systemctl mask --quiet $units
# What bootstrap.sh has stopped, unless Puppet wants it so.
for timer in $stopped_timers; do
  if systemctl is-enabled --quiet "$timer"; then systemctl start --no-block "$timer"; fi
done
# Into memory, so that the image does not have it. Packer fetches it, also where there is nothing to list.
install -m 644 /dev/null /run/bakehouse-contents.txt
sh -c "$listing" >/run/bakehouse-contents.txt 2>/dev/null || true
echo "seal.sh: sealed"

#!/bin/sh
# On the new machine, as root: unpacks what came up, installs Puppet from the distribution, and puts the facts in place.
set -eu
work=/var/lib/bakehouse-bake
# Puppet's own packages put it there, where sudo does not look.
PATH=$PATH:/opt/puppetlabs/bin
tar -xf "$work/upload.tar" --no-same-owner -C "$work"
rm "$work/upload.tar"
export DEBIAN_FRONTEND=noninteractive

# cloud-init still writes apt's sources and holds its lock in the first seconds of a machine.
if command -v cloud-init >/dev/null; then
  cloud-init status --wait >/dev/null || true
fi

# The package would start the agent, which would run beside ours and hold its lock.
for unit in puppet.service puppet-run.timer puppet-run.service pxp-agent.service; do
  systemctl mask --quiet "$unit" 2>/dev/null || true
done

# An image is taken of a machine that was shut down cleanly, so nothing is won by syncing each file of a package.
echo force-unsafe-io >/etc/dpkg/dpkg.cfg.d/bakehouse

# Also where Puppet is there already: an image of ours has no lists, and the manifests may want packages.
apt-get -q -o DPkg::Lock::Timeout=120 update
if ! command -v puppet >/dev/null; then
  # Debian 12 and Ubuntu 24.04 say puppet-agent, what is older says puppet.
  package=puppet
  if apt-cache show puppet-agent >/dev/null 2>&1; then package=puppet-agent; fi
  apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends "$package"
fi
puppet --version >"$work/version"
echo "bootstrap.sh: Puppet $(cat "$work/version")"

install -d -m 755 /etc/facter/facts.d
install -m 600 "$work/facts.json" /etc/facter/facts.d/bakehouse.json
install -m 600 "$work/run.json" /etc/facter/facts.d/bakehouse-run.json

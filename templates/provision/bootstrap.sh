#!/bin/sh
# On the new machine, as root: unpacks what came up, installs Puppet, and puts the facts in place.
# PUPPET_PACKAGE, PUPPET_VERSION: what nodes.yaml asks for; without any of it the distribution's Puppet, unless there is one.
# PUPPET_SOURCE: a repository to install it from, as a line of sources.list without its first word.
# PUPPET_SOURCE_KEY: the key that signs the repository (base64); without it one that the machine trusts.
set -eu
work=/var/lib/bakehouse-bake
# Of the bake, too, but for every user: whoever asks apt for something runs what lies here.
tools=/usr/local/lib/bakehouse-bake
# How long cloud-init, or somebody else's lock, may keep the bake waiting.
patience=600
if ! command -v apt-get >/dev/null; then
  echo 'bootstrap.sh: the source image has no apt-get: these scripts bake Debian, Ubuntu and images made of them' >&2
  exit 1
fi
# Puppet's own packages put it there, where sudo does not look.
PATH=$PATH:/opt/puppetlabs/bin
tar -xf "$work/upload.tar" --no-same-owner -C "$work"
rm "$work/upload.tar"
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 UCF_FORCE_CONFFOLD=1

# cloud-init still writes apt's sources and holds its lock in the first seconds of a machine.
if command -v cloud-init >/dev/null; then
  code=0
  timeout "$patience" cloud-init status --wait >/dev/null 2>&1 || code=$?
  if [ "$code" != 0 ]; then
    state=$(timeout 10 cloud-init status --long 2>&1 | tr -s '\n ' ' ') || true
    if [ "$code" = 124 ]; then
      echo "bootstrap.sh: cloud-init (user data included) has not ended after $patience s: $state" >&2
      exit 1
    fi
    # Often of a module that Puppet's run does not need. What the run does need, it says itself.
    echo "bootstrap.sh: warning: cloud-init ended with code $code: $state" >&2
  fi
fi

# The package would start the agent, which would run beside ours and hold its lock.
systemctl mask --quiet puppet.service puppet-run.timer puppet-run.service pxp-agent.service 2>/dev/null || true

# Only stopped: whether they are enabled is the image's own. seal.sh starts them again.
for timer in apt-daily.timer apt-daily-upgrade.timer; do
  if systemctl is-active --quiet "$timer" && systemctl stop "$timer"; then echo "$timer"; fi
done >"$work/stopped-timers"

# For the time of the bake the machine itself waits for locks and never asks about a file, so that all that Puppet runs
# does so, too. dpkg fails at once when its lock is held, and so does apt where it is not dpkg's; but each of them first
# runs a program that can be set: dpkg its hook, apt the dpkg that it asks for the machine's architectures.
mkdir -p "$tools"
cat >"$tools/wait-for-locks" <<WAIT
#!/bin/sh
# Waits until no process but OWN locks one of these files; says whom it waits for, and gives up in the end.
patience=$patience
WAIT
cat >>"$tools/wait-for-locks" <<'WAIT'
holder() {
  inode=$(stat -L -c %i "$1" 2>/dev/null) || return 0
  path=$(readlink -f "$1")
  sed -nE "s/^[0-9]+: POSIX .* ([0-9]+) [0-9a-f]+:[0-9a-f]+:$inode .*/\1/p" /proc/locks | while read -r pid; do
    # Another filesystem may have a file of the same number.
    if [ "$pid" != "${OWN:-}" ] && [ -n "$(find "/proc/$pid/fd" -lname "$path" 2>/dev/null)" ]; then
      echo "process $pid ($(cat "/proc/$pid/comm"))"
      break
    fi
  done
}
end=$(($(date +%s) + patience))
said=
for file; do
  while who=$(holder "$file") && [ -n "$who" ]; do
    if [ "$(date +%s)" -ge "$end" ]; then
      echo "bakehouse: $who still holds the lock $file after $patience s" >&2
      exit 1
    fi
    if [ "$said" != "$file $who" ]; then echo "bakehouse: waiting for the lock $file, which $who holds" >&2; fi
    said="$file $who"
    sleep 0.2
  done
done
WAIT
cat >"$tools/dpkg-hook" <<'HOOK'
#!/bin/sh
# apt holds the first one while it runs dpkg.
set -- /var/lib/dpkg/lock
if [ -z "${DPKG_FRONTEND_LOCKED:-}" ]; then set -- /var/lib/dpkg/lock-frontend "$@"; fi
exec /usr/local/lib/bakehouse-bake/wait-for-locks "$@"
HOOK
cat >"$tools/dpkg" <<'DPKG'
#!/bin/sh
# What apt takes for dpkg. It asks for the architectures before it takes a lock, and again while it holds some.
for word; do
  if [ "$word" = --print-foreign-architectures ]; then
    locks=
    set -f
    for asked in $(tr '\0' ' ' <"/proc/$PPID/cmdline"); do
      case "$asked" in
        update) locks=/var/lib/apt/lists/lock ;;
        install | reinstall | *upgrade | remove | purge | autoremove | build-dep)
          locks='/var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/cache/apt/archives/lock' ;;
      esac
    done
    # apt takes our stderr away; its own may be one that nobody else can open. Should the wait have been in vain, apt says
    # so itself.
    said=/proc/$PPID/fd/2
    (: >>"$said") 2>/dev/null || said=/dev/null
    # shellcheck disable=SC2086
    OWN=$PPID /usr/local/lib/bakehouse-bake/wait-for-locks $locks 2>>"$said" || true
  fi
done
exec /usr/bin/dpkg "$@"
DPKG
chmod 755 "$tools"/*
{
  # An image is taken of a machine that was shut down cleanly, so nothing is won by syncing each file of a package.
  echo force-unsafe-io
  # Not force-confdef: it would overrule a package that the manifests want with its own files (force-confnew).
  echo force-confold
  echo "pre-invoke=exec $tools/dpkg-hook"
} >/etc/dpkg/dpkg.cfg.d/bakehouse
printf 'Dir::Bin::dpkg "%s";\nDPkg::Lock::Timeout "%s";\n' "$tools/dpkg" "$patience" >/etc/apt/apt.conf.d/zz-bakehouse

# Also where Puppet is there already: an image of ours has no lists, and the manifests may want packages. Waited for here,
# too: sshd's stderr may be one that only its own children can write to.
"$tools/wait-for-locks" /var/lib/apt/lists/lock
apt-get -q update
package=${PUPPET_PACKAGE:-} version=${PUPPET_VERSION:-}
asked=$package$version${PUPPET_SOURCE:-}
# What apt searches: all of the machine's sources, or only the team's own, whatever version the others have.
source=/etc/apt/sources.list.d/bakehouse.list
set --
if [ -n "${PUPPET_SOURCE:-}" ]; then
  options=
  if [ -n "${PUPPET_SOURCE_KEY:-}" ]; then
    printf '%s' "$PUPPET_SOURCE_KEY" | base64 -d >"$tools/puppet-source.gpg"
    # Checked by a user of apt's own.
    chmod 644 "$tools/puppet-source.gpg"
    options="[signed-by=$tools/puppet-source.gpg] "
  fi
  printf 'deb %s%s\n' "$options" "$PUPPET_SOURCE" >"$source"
  set -- -o Dir::Etc::SourceList="$source" -o Dir::Etc::SourceParts=/dev/null
  apt-get -q "$@" -o APT::Get::List-Cleanup=false -o APT::Update::Error-Mode=any update
fi
has() {
  # Not by show, which takes what is no package for a pattern.
  apt-cache "$@" pkgnames "$package" | grep -Fqx -e "$package"
}
lacking() {
  # A mirror that did not answer has nothing: then apt says so, and ends this.
  apt-get -q -o APT::Update::Error-Mode=any update
  echo "bootstrap.sh: the machine's package sources have no $1, which nodes.yaml asks for" >&2
  exit 1
}
if [ -n "$asked" ] || ! command -v puppet >/dev/null; then
  if [ -z "$package" ]; then
    # Debian 12 and Ubuntu 24.04 say puppet-agent, what is older says puppet.
    package=puppet-agent
    if ! has "$@"; then package=puppet; fi
  fi
  if [ -n "$asked" ]; then
    has "$@" || lacking "package $package"
    versions=$(apt-cache "$@" show "$package" | sed -n 's/^Version: //p' | sort -u | tr '\n' ' ')
    if [ -z "$version" ]; then
      version=$(LC_ALL=C apt-cache "$@" policy "$package" | sed -n 's/^  Candidate: //p')
    fi
    case " $versions" in *" $version "*) ;; *) lacking "$package $version but ${versions% }" ;; esac
    package=$package=$version
  fi
  "$tools/wait-for-locks" /var/lib/dpkg/lock-frontend /var/cache/apt/archives/lock
  apt-get -q -y --allow-downgrades install --no-install-recommends "$package"
  command -v puppet >/dev/null || {
    echo "bootstrap.sh: the package $package, which nodes.yaml asks for, brings no program puppet" >&2
    exit 1
  }
  # What the manifests install comes from where the image's own servers would get it.
  rm -f "$source"
fi
install -d -m 755 /etc/facter/facts.d
install -m 600 "$work/facts.json" /etc/facter/facts.d/bakehouse.json
install -m 600 "$work/run.json" /etc/facter/facts.d/bakehouse-run.json

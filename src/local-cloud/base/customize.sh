#!/bin/sh
# Turns a minimal Debian in $1 into what the official cloud image is: user admin, networkd, first-boot services.
# $2 is the folder of files beside this script, $3 the host's extra CA certificates.
set -eu
root=$1
files=$2
certificates=$3
# '*' and not '!': sshd takes no key of an account with a locked password when PAM is off.
chroot "$root" useradd --create-home --shell /bin/bash --password '*' --groups sudo admin
printf 'admin ALL=(ALL) NOPASSWD:ALL\n' >"$root/etc/sudoers.d/90-cloud-init-users"
chmod 440 "$root/etc/sudoers.d/90-cloud-init-users"
install -D -m 755 "$files/first-boot.sh" "$root/usr/lib/local-cloud/first-boot"
install -D -m 755 "$files/user-data.sh" "$root/usr/lib/local-cloud/user-data"
install -m 644 "$files/first-boot.service" "$files/user-data.service" "$root/etc/systemd/system/"
# Debian's cloud-init runs where it is needed.
chroot "$root" dpkg-divert --quiet --rename --divert /usr/bin/cloud-init.debian --add /usr/bin/cloud-init
install -m 755 "$files/cloud-init.sh" "$root/usr/bin/cloud-init"
install -D -m 755 "$files/cloud-init-generator.sh" "$root/etc/systemd/system-generators/cloud-init-generator"
install -m 644 "$files/cloud-init.cfg" "$root/etc/cloud/cloud.cfg.d/90-local-cloud.cfg"
install -m 644 "$files/data-source.py" "$root/usr/lib/python3/dist-packages/cloudinit/sources/DataSourceLocalCloud.py"
chroot "$root" systemctl enable first-boot.service user-data.service ssh.service systemd-networkd.service
# Texts that nobody reads are a third of the time of apt-get update.
printf 'Acquire::Languages "none";\n' >"$root/etc/apt/apt.conf.d/90-no-languages"
# Each machine's own address is on its config drive.
ln -s /run/config-drive/host0.network "$root/usr/lib/systemd/network/10-host0.network"
# Facter asks the metadata service on EC2's own hypervisors only; in a container it is told what it would read there.
install -d "$root/etc/facter/facts.d"
ln -s /run/config-drive/facts.json "$root/etc/facter/facts.d/ec2.json"
# No one ever sits at the console, it is a pipe.
chroot "$root" systemctl mask console-getty.service getty@.service systemd-firstboot.service
if [ -n "$(ls -A "$certificates" 2>/dev/null)" ]; then
  mkdir -p "$root/usr/local/share/ca-certificates"
  cp "$certificates"/*.crt "$root/usr/local/share/ca-certificates/"
  chroot "$root" update-ca-certificates >/dev/null
fi
# Each machine makes its own.
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/hostname" "$root/etc/resolv.conf" "$root/etc/apt/apt.conf.d/99mmdebstrap-progress"
: >"$root/etc/machine-id"
printf '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n' >"$root/etc/hosts"
# The time of the base image, by which it is known what came after.
: >"$root/usr/lib/local-cloud/base"

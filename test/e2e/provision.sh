#!/bin/sh
# Runs a script as root in a copy of a tree, in namespaces of its own, so that nothing of it outlives it.
# provision.sh TREE WORK FILES: FILES is laid over the tree, and its /script.sh is run.
set -eu
tree=$1 work=$2 files=$3
mount -t tmpfs -o mode=755 work "$work"
mkdir "$work/upper" "$work/work" "$work/root"
root=$work/root
# Layers may not lie within each other, and the tree may be this computer's own.
cp -a "$files" "$work/files"
mount -t overlay overlay -o "lowerdir=$work/files:$tree,upperdir=$work/upper,workdir=$work/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
exec chroot "$root" env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin SYSTEMD_OFFLINE=1 \
  sh /script.sh

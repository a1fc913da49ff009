#!/bin/sh
# Runs a seal script as root in a copy of a tree, inside a mount namespace of its own, so that no mount outlives it.
# run-seal.sh LAYERS WORK SCRIPT BUSY TIMES: BUSY is a folder of the tree that cannot be removed, or empty.
# Paths to look at come on stdin. Prints `exit N`, then for each path that is there: path, kind, mode, size, link, and
# base64 of files of less than 1 KB.
set -eu
layers=$1 work=$2 script=$3 busy=$4 times=$5
root=$work/root
mkdir -p "$work/upper" "$work/work" "$root"
mount -t overlay overlay -o "lowerdir=$layers,upperdir=$work/upper,workdir=$work/work" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs dev "$root/dev"
mknod -m 666 "$root/dev/null" c 1 3
if [ -n "$busy" ]; then mount -t tmpfs busy "$root$busy"; fi
code=0
while [ "$times" -gt 0 ] && [ "$code" = 0 ]; do
  # Where Packer puts it.
  cp "$script" "$root/tmp/script_$times.sh"
  # A hardened machine's sudo may have it.
  umask 077
  chroot "$root" env -i PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin SYSTEMD_OFFLINE=1 "REMOVE_PUPPET=${REMOVE_PUPPET:-}" \
    sh "/tmp/script_$times.sh" >"$work/output" 2>&1 || code=$?
  times=$((times - 1))
done
echo "exit $code"
cd "$root"
sed 's/^/./' | tr '\n' '\0' | xargs -0 sh -c 'find "$@" -maxdepth 0 -printf "%p\t%y\t%m\t%s\t%l\n" 2>/dev/null' find |
  while IFS='	' read -r path kind mode size link; do
    content=
    if [ "$kind" = f ] && [ "$size" -lt 1024 ]; then content=$(base64 -w 0 <"$path"); fi
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "${path#.}" "$kind" "$mode" "$size" "${link:--}" "${content:--}"
  done

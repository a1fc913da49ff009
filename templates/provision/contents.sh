#!/bin/sh
# On the new machine, as root, last of all: lists what is in the image, for build. seal.sh has its text and runs it.
# A part that cannot be listed has no closing line. Nobody but root can write such a line: it is longer than a program's
# name, and of paths, which can hold lines, only the last one closes the list.
export LC_ALL=C

part() {
  name=$1
  shift
  echo "--- bakehouse contents: $name ---"
  if "$@" 2>/dev/null; then echo "--- bakehouse contents: end of $name ---"; fi
}

machine() {
  date -u +%s && uname -r && dpkg --print-architecture && cat /etc/os-release
}

packages() {
  # shellcheck disable=SC2016
  dpkg-query --show --showformat='${db:Status-Abbrev}\t${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\n'
}

# What is enabled has a link; `systemctl list-unit-files` would say it, too, but takes 0.3 s.
services() {
  find /etc/systemd/system -type l \( -lname /dev/null -printf 'masked %f\n' \
    -o \( -path '*.wants/*' -o -path '*.requires/*' \) -printf 'enabled %f\n' \) &&
    echo - &&
    systemctl list-units --no-legend --no-pager --plain --type=service,socket,timer --state=active
}

ports() {
  ss --no-header --listening --numeric --tcp --udp --processes
}

# Without passwords and people's names.
users() {
  cut -d : -f 1,3,4,6,7 /etc/passwd
}

# Of the root file system: what is mounted into it is not in this image, or in memory. A disk with very many files, of which
# EBS still has to fetch most, must not hold the bake up.
setuid() {
  timeout 5 find / -ignore_readdir_race -xdev -type f -perm /6000 -printf '%m\t%u\t%g\t%p\0'
}

for each in machine packages services ports users setuid; do part "$each" "$each"; done

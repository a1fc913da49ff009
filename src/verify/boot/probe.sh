#!/bin/sh
# Runs as root on a server that was launched from an image to examine it: prints what the image may have brought along,
# a fact a line, its words separated by tabs. Judged in judge-image.ts.
# $1: names of services, a line each, as base64: they never are part of a command.
# $2: `again` says only how the services are.
fact() {
  (IFS='	'; printf '%s\n' "$*")
}
service_facts() {
  printf '%s' "$1" | base64 -d | grep . | while read -r service; do
    # How often systemd has started it again by itself; one older than 235 does not say.
    restarts=$(systemctl show -p NRestarts "$service" 2>/dev/null | sed 's/^[^=]*=//')
    fact service "$service" "$(systemctl is-enabled "$service" 2>/dev/null)" \
      "$(systemctl is-active "$service" 2>/dev/null)" "$restarts"
  done
}
if [ "${2:-}" = again ]; then
  service_facts "$1"
  fact end
  exit
fi
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

key_facts() {
  if [ -f "$1" ]; then
    grep -v -E '^[[:space:]]*(#|$)' "$1" | while read -r line; do fact authorized "$1" "$line"; done
  fi
}
{
  echo /root
  getent passwd | cut -d : -f 6
  find /home -mindepth 1 -maxdepth 1 -type d
} | sort -u | while read -r home; do
  for file in "$home/.ssh/authorized_keys" "$home/.ssh/authorized_keys2"; do key_facts "$file"; done
  find "$home" -maxdepth 1 -type f \( -name '.*_history' -o -name .lesshst -o -name .viminfo \) 2>/dev/null |
    while read -r file; do fact history "$file"; done
done

# What the server itself has made since it booted (a Puppet server its CA) is its own.
started=$(sed 's/.*) //' /proc/1/stat | cut -d ' ' -f 20)
booted=$(sed -n 's/^btime //p' /proc/stat)
touch -d "@$((booted + started / $(getconf CLK_TCK) - 1))" /run/bakehouse-booted
# Puppet's own packages put it there, which sudo does not search.
PATH=$PATH:/opt/puppetlabs/bin
# A start of Puppet costs a second of a processor: asked once, and only where a puppet.conf moves what the folders below hold.
names='vardir ssldir cadir statedir clientyamldir clientbucketdir reportdir publicdir'
moves="^[[:space:]]*($(printf %s "$names" | tr ' ' '|'))[[:space:]]*="
settings=
if grep -qsE "$moves" /etc/puppet/puppet.conf /etc/puppetlabs/puppet/puppet.conf && command -v puppet >/dev/null; then
  # shellcheck disable=SC2086
  settings=$(puppet config print --section agent $names 2>/dev/null) || true
fi
{
  # Below the folders of Debian's packages, of Puppet's own, and of the team's: what was synced or installed is no trace
  # of a run.
  {
    printf '%s\n' /etc/puppet /var/lib/puppet /var/cache/puppet /var/lib/puppetserver
    printf '%s\n' /etc/puppetlabs /opt/puppetlabs/puppet/cache /opt/puppetlabs/puppet/public /opt/puppetlabs/server/data
    printf '%s\n' "$settings" | sed -n 's/^vardir = //p'
  } | sort -u | while read -r directory; do
    find "$directory" -type f ! -newer /run/bakehouse-booted \
      ! -path "$directory/code/*" ! -path "$directory/modules/*" ! -path "$directory/lib/*" \( \
      -path '*/ssl/*' -o -path '*/ca/*' -o -path '*/client_data/*' -o -path '*/client_yaml/*' -o -path '*/clientbucket/*' \
      -o -path '*/bucket/*' -o -path '*/reports/*' -o -path '*/state/*' -o -path '*/facts.d/*' -o -path '*/yaml/*' \
      -o -path '*/server_data/*' -o -path '*/public/*' \
      -o -name '*.pem' -o -name csr_attributes.yaml -o -name 'last_run_*' \) 2>/dev/null
  done
  # And all below those that hold nothing else, wherever the team's puppet.conf puts them.
  printf '%s\n' "$settings" | sed -n '/^vardir = /d; s/^[a-z_]* = //p' | while read -r directory; do
    case "$directory" in /?*/?*) find "$directory" -type f ! -newer /run/bakehouse-booted 2>/dev/null ;; esac
  done
} | sort -u | while read -r file; do fact of-puppet "$file"; done
rm -f /run/bakehouse-booted

for file in /var/lib/bakehouse-bake /etc/facter/facts.d/bakehouse.json /etc/facter/facts.d/bakehouse-run.json \
  /etc/dpkg/dpkg.cfg.d/bakehouse /etc/apt/apt.conf.d/zz-bakehouse /usr/local/lib/bakehouse-bake; do
  if [ -e "$file" ]; then fact of-bake "$file"; fi
done
for unit in puppet.service puppet-run.timer puppet-run.service pxp-agent.service; do
  fact unit "$unit" "$(systemctl is-enabled "$unit" 2>/dev/null)" "$(systemctl is-active "$unit" 2>/dev/null)"
done
service_facts "$1"

# Whose password may be right. What no crypt makes (!, !!, *, *LOCK*, x) never is.
{
  getent shadow
  cat /etc/passwd
} | while IFS=: read -r user hash _; do
  case $hash in
    '!'* | '*'*) ;;
    '') fact password "$user" empty ;;
    '$'* | _* | ?????????????) fact password "$user" set ;;
  esac
done

# What the AuthorizedKeysFile $1 is for user $2 with home $3.
key_file() {
  path='' rest=$1
  while :; do
    case $rest in *%?*) ;; *) break ;; esac
    path=$path${rest%%\%*}
    rest=${rest#*%}
    case $rest in
      h*) path=$path$3 ;;
      u*) path=$path$2 ;;
      U*) path=$path$(id -u "$2") ;;
      *) path=$path${rest%"${rest#?}"} ;;
    esac
    rest=${rest#?}
  done
  case $path$rest in
    /*) printf '%s' "$path$rest" ;;
    *) printf '%s' "$3/$path$rest" ;;
  esac
}
settings='passwordauthentication|kbdinteractiveauthentication|challengeresponseauthentication|usepam|permitrootlogin'
settings="$settings|permitemptypasswords|authenticationmethods|hostbasedauthentication|trustedusercakeys|authorizedkeyscommand"
# In the words of the sshd that let us in, with the options that it was started with: for each user, from an address out
# of each block of its configuration that goes by addresses, and from another one.
login_facts() (
  set -f
  process=$$ listener=self sshd=$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v sshd)
  while [ "${process:-0}" -gt 1 ]; do
    program=$(readlink "/proc/$process/exe")
    case ${program##*/} in
      sshd) listener=$process sshd=$program ;;
    esac
    process=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$process/status")
  done
  options=$(tr '\0' ' ' <"/proc/$listener/cmdline" | sed 's/ \[listener\].*//; s/ -\([A-Za-z]\)/\n-\1/g' |
    sed -n 's/ *$//; s/^-\([fo]\) */-\1/p')
  configuration=/etc/ssh/sshd_config
  set --
  while read -r option; do
    case $option in -f*) configuration=${option#-f} ;; esac
    if [ -n "$option" ]; then set -- "$@" "$option"; fi
  done <<END
$options
END
  addresses=$(cat "$configuration" $(find /etc/ssh/sshd_config.d -name '*.conf' 2>/dev/null) 2>/dev/null | grep -i '^[[:space:]]*match[[:space:]]' |
    tr ' \t,=' '\n' | grep -E '^[0-9a-fA-F:.*?]*[.:][0-9a-fA-F:.*?]*(/[0-9]+)?$' | sed 's,/.*,,; s/[*?]/1/g' | sort -u)
  while IFS=: read -r user _ _ _ _ home _; do
    for address in 203.0.113.7 $addresses; do
      said=$("$sshd" -T "$@" -C "user=$user,host=localhost,addr=$address,laddr=127.0.0.1,lport=22" 2>/dev/null)
      fact login "$user" "$(printf '%s\n' "$said" | grep -E "^($settings) " | tr '\n' '\t')"
      for pattern in $(printf '%s\n' "$said" | sed -n 's/^authorizedkeysfile //p'); do
        key_facts "$(key_file "$pattern" "$user" "$home")"
      done
    done
  done </etc/passwd
)
login_facts
fact end

#!/bin/sh
# On the new machine, as root: one Puppet run. It ends well even if Puppet does not: the report and the console
# output are brought back first, then judge.sh decides.
# NODE: the node's name. PUPPET_SERVER: run the agent against it; empty or not set: apply the uploaded environment.
set -eu
work=/tmp/bakehouse
: >"$work/report.yaml"

setting() {
  sed -n "s/^$1 = //p" "$work/settings"
}

run_puppet() {
  environment=$work/environments/production
  install -d -m 755 "$environment" || return
  tar -xzf "$work/environment.tgz" --no-same-owner -C "$environment" || return
  # Asked once, also for seal.sh: each start of Puppet costs half a second.
  puppet config print --section agent --environmentpath="$work/environments" --environment=production \
    manifest ssldir statedir client_datadir clientyamldir reportdir >"$work/settings" || return
  # lastrunreport is our own file: a report that the source image brought along can not be taken for ours.
  # The certificate name is what site.pp's node blocks match; the machine's own name says nothing about the node.
  set -- --certname="$NODE.bake" --detailed-exitcodes --color=false --verbose --report --lastrunreport="$work/report.yaml"
  if [ -n "${PUPPET_SERVER:-}" ]; then
    puppet agent --onetime --no-daemonize --no-usecacheonfailure --waitforcert=60 "$@"
    return
  fi
  set -- --environmentpath="$work/environments" --environment=production "$@"
  # environment.conf may name another folder for the manifests.
  puppet apply "$@" "$(setting manifest)"
}

{
  # Whatever goes wrong in there is Puppet's exit code, with its output on the console.
  code=0
  run_puppet || code=$?
  echo "bakehouse: puppet exit code $code"
  echo "$code" >"$work/exit-code"
} 2>&1 | tee "$work/console.log"

chown "${SUDO_USER:-root}" "$work/report.yaml" "$work/console.log" "$work/exit-code"

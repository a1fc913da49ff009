#!/bin/sh
# On the new machine, as root: one Puppet run. It ends well even if Puppet does not: the report and the console
# output are brought back first, then judge.sh decides.
# MODE: `agent` asks the Puppet server that bake.conf names, `apply` applies the uploaded environment.
# NOOP: `yes` changes nothing, but tells what would be changed: so verify looks whether an image has converged.
set -eu
work=/var/lib/bakehouse-bake
# Puppet's own packages put it there, where sudo does not look, and bring a Ruby of their own.
PATH=$PATH:/opt/puppetlabs/bin:/opt/puppetlabs/puppet/bin
# Nobody is there to answer: neither debconf nor ucf asks, and no service is restarted beneath the run.
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 UCF_FORCE_CONFFOLD=1
: >"$work/report.yaml"
: >"$work/settings"
: >"$work/facts.yaml"

setting() {
  sed -n "s/^$1 = //p" "$work/settings"
}

# Puppet 5 and older wait for a certificate without a bound. One that may not wait is started again until it is there.
run_old_agent() {
  over=$(($(date +%s) + $(sed -n 's/^maxwaitforcert = //p' "$work/bake.conf")))
  while :; do
    code=0
    puppet agent --onetime --no-daemonize --no-usecacheonfailure --waitforcert=0 \
      --csr_attributes="$work/csr_attributes.yaml" "$@" >"$work/agent.log" 2>&1 || code=$?
    cat "$work/agent.log"
    grep -q 'no certificate found and waitforcert is disabled' "$work/agent.log" || return "$code"
    [ "$(date +%s)" -lt "$over" ] || return "$code"
    sleep 5
  done
}

run_puppet() {
  # A copy: what a bake needs to know is not for the servers of the image. Without what bake.conf says, since a section
  # such as [agent] or [user] beats [main], and of a setting given twice Puppet 7 takes the first.
  ours=$(sed -n 's/ =.*//p' "$work/bake.conf" | paste -s -d '|')
  for file in /etc/puppet/puppet.conf /etc/puppetlabs/puppet/puppet.conf; do
    if [ -f "$file" ]; then sed -E "/^[[:space:]]*($ours)[[:space:]]*=/d" "$file" && echo || return; fi
  done >"$work/puppet.conf"
  cat "$work/bake.conf" >>"$work/puppet.conf" || return
  set -- --config="$work/puppet.conf"
  if [ "$MODE" = apply ]; then
    environment=$work/environments/production
    install -d -m 755 "$environment" || return
    tar -xzf "$work/environment.tgz" --no-same-owner -C "$environment" || return
    set -- "$@" --environmentpath="$work/environments" --environment=production
  fi
  # Asked once, also for seal.sh: each start of Puppet costs half a second.
  puppet config print "$@" --section agent manifest confdir vardir ssldir cadir statedir client_datadir clientyamldir \
    clientbucketdir reportdir publicdir lastrunfile route_file >"$work/settings" || return
  # lastrunreport is our own file: a report that the source image brought along can not be taken for ours.
  set -- "$@" --detailed-exitcodes --color=false --verbose --report --lastrunreport="$work/report.yaml"
  if [ "${NOOP:-}" = yes ]; then
    set -- "$@" --noop
    # Nothing is installed now, and manifests that leave no file of others in these folders must have nothing to do.
    rm -f /etc/apt/apt.conf.d/zz-bakehouse /etc/dpkg/dpkg.cfg.d/bakehouse
  elif [ ! -e "$(setting route_file)" ]; then
    # Puppet keeps the facts that it compiles with, which costs nothing, while `puppet facts` would be one more start and
    # see what Puppet has changed since. A machine that routes by a file of its own is left alone.
    printf '%s: {facts: {terminus: facter, cache: yaml}}\n' apply agent >"$work/routes.yaml" || return
    install -d -m 700 "$kept_facts" || return
    set -- "$@" --route_file="$work/routes.yaml" --clientyamldir="${kept_facts%/facts}"
  fi
  if [ "$MODE" = agent ]; then
    # waitforcert counts only here: with --onetime Puppet does not take it from a file. maxwaitforcert bounds it.
    move_facts &
    echo "$!" >"$work/mover"
    waiting="--waitforcert=5 --csr_attributes=$work/csr_attributes.yaml"
    # The first one starts a Ruby only, not Puppet.
    case $(ruby -r puppet/version -e 'print Puppet.version' 2>/dev/null || puppet --version) in
      [345].*) run_old_agent "$@" || return ;;
      *)
        # The certificate first and by itself, with each connection used once: Ruby takes TLS 1.3's session ticket for
        # an answer when it uses one again, and would wait until the server closes it, half a minute.
        # shellcheck disable=SC2086
        puppet ssl bootstrap --config="$work/puppet.conf" --color=false --onetime --http_keepalive_timeout=0 $waiting ||
          return
        # shellcheck disable=SC2086
        puppet agent --onetime --no-daemonize --no-usecacheonfailure $waiting "$@"
        ;;
    esac
  else
    # environment.conf may name another folder for the manifests.
    puppet apply "$@" "$(setting manifest)"
  fi
}

kept_facts=$work/client_yaml/facts

take_facts() {
  mv "$kept_facts"/*.yaml "$work/kept-facts" 2>/dev/null
}

# What is kept would also be read again, and an agent that the server puts into another environment asks twice: the
# second time there may be more facts. The last ones are those that the catalog was made of.
move_facts() {
  while [ -d "$work" ]; do
    take_facts || sleep 0.2
  done >/dev/null 2>&1
}

# Without what nodes.yaml says and what belongs to this one bake, and without what may hold secrets: the credentials of
# the instance's role, and its user data.
pinnable='facts = File.read(ARGV[0], encoding: "UTF-8").sub(/\A--- !ruby\S*/, "---")
facts = (YAML.respond_to?(:unsafe_load) ? YAML.unsafe_load(facts) : YAML.load(facts)).fetch("values")
given = JSON.parse(File.read(ARGV[1], encoding: "UTF-8"))
facts.delete_if { |name, _| given.key?(name) || name.start_with?("bakehouse_") || name =~ /\Aec2_(userdata|iam|identity)/ }
metadata = facts["ec2_metadata"]
metadata.delete_if { |name, _| name =~ /\A(iam|identity-credentials)/ } if metadata.is_a?(Hash)
print YAML.dump(facts.sort.to_h)'

# For plan, which compiles the next catalog with them once a person has pinned them.
describe_facts() {
  if [ -f "$work/mover" ]; then kill "$(cat "$work/mover")" || true; fi
  take_facts || true
  [ -f "$work/kept-facts" ] || return 0
  ruby -r json -r yaml -e "$pinnable" "$work/kept-facts" "$work/facts.json" >"$work/facts.new" || return
  mv "$work/facts.new" "$work/facts.yaml"
}

# The names of the services that a catalog manages, and whether it wants them to run.
services='JSON.parse(File.read(ARGV[0]))["resources"].each do |resource|
  wanted = resource.fetch("parameters", {})
  puts "#{wanted["name"] || resource["title"]} #{wanted["ensure"] || "unset"}" if resource["type"] == "Service"
end'

# What verify --boot compares the servers of the image with.
describe_machine() {
  echo "bakehouse: builder machine-id $(tr -d '\n' </etc/machine-id | sha256sum | cut -d ' ' -f 1)"
  for key in /etc/ssh/ssh_host_*_key.pub; do
    echo "bakehouse: builder host key $(ssh-keygen -l -f "$key" | cut -d ' ' -f 2)"
  done
  # There is none when it did not compile.
  set -- "$work"/client_data/catalog/*.json
  [ -f "$1" ] || return
  ruby -r json -e "$services" "$1" >"$work/services" || return
  sort -u "$work/services" | while read -r service wanted; do
    enabled=$(systemctl is-enabled "$service" 2>/dev/null) || true
    active=$(systemctl is-active "$service" 2>/dev/null) || true
    echo "bakehouse: service $service $wanted ${enabled:-unknown} ${active:-unknown}"
  done
  echo 'bakehouse: services known'
}

{
  # Whatever goes wrong in there is Puppet's exit code, with its output on the console.
  code=0
  run_puppet || code=$?
  describe_facts || echo 'bakehouse: the facts of the machine cannot be described'
  describe_machine || echo 'bakehouse: the machine cannot be described'
  echo "bakehouse: puppet exit code $code"
  echo "$code" >"$work/exit-code"
} 2>&1 | tee "$work/console.log"

chown "${SUDO_USER:-root}" "$work/report.yaml" "$work/console.log" "$work/facts.yaml" "$work/exit-code"

#!/bin/sh
# Runs on the machine that runs Packer: collects all that goes up to the new machine into one file, which only its owner
# may read: facts and secrets must not stand in a command line, and each file of its own costs a round trip over ssh.
# UPLOAD: the file to write. FACTS: the node's external facts. RUN, CERTNAME: the bake's run and certificate name.
# PUPPET_SERVER, PUPPET_ENVIRONMENT: whom the agent asks for what; without a server the folder MANIFESTS is applied.
# FILES: a list of what of it goes up, each with a zero byte behind it; without one, as by hand, it is nearly all.
# CERTIFICATE_WAIT: seconds that the agent waits until its certificate is signed.
# BAKEHOUSE_AUTOSIGN_SECRET: what the server's autosign policy wants to see (docs/puppet-server.md).
set -eu
umask 077

stop() {
  echo "collect.sh: $1" >&2
  exit 1
}

stage=$UPLOAD.d
trap 'rm -rf "$stage"' EXIT
trap 'exit 143' HUP INT TERM
rm -rf "$stage"
mkdir -p "$stage"

cp "$FACTS" "$stage/facts.json"
# A team's own scripts may be without it.
cp "${0%/*}/contents.sh" "$stage/contents.sh" 2>/dev/null || true
printf '{"bakehouse_run": "%s"}\n' "$RUN" >"$stage/run.json"
# In place of what the image's own puppet.conf says of these settings, whatever its section. verify needs every resource in
# the report (Puppet 7 can leave unchanged ones out); puppet.sh the console and the catalog, which `puppet apply` keeps
# only when asked. With the rest, Puppet could be content although it applied nothing, or not this node's catalog.
{
  printf '[main]\ncertname = %s\nnode_name_value = %s\nnode_name_fact =\n' "$CERTNAME" "$CERTNAME"
  printf '%s\n' 'exclude_unchanged_resources = false' 'logdest = console'
  printf '%s\n' 'catalog_cache_terminus = json' 'client_datadir = /var/lib/bakehouse-bake/client_data'
  printf '%s\n' 'tags =' 'skip_tags =' 'noop = false' 'ignoreschedules = true' 'use_cached_catalog = false'
  if [ -n "$PUPPET_SERVER" ]; then
    # Puppet would ask these before the server that nodes.yaml names (http/client.rb, build_resolvers).
    printf '%s\n' 'catalog_terminus = rest' 'server_list =' 'use_srv_records = false'
  else
    printf '%s\n' 'catalog_terminus = compiler' 'default_manifest = ./manifests' 'disable_per_environment_manifest = false'
  fi
} >"$stage/bake.conf"

if [ -n "$PUPPET_SERVER" ]; then
  secret=${BAKEHOUSE_AUTOSIGN_SECRET:-}
  # A policy answers at once, a person does not.
  wait=600
  if [ -n "$secret" ]; then
    wait=20
    case "$secret" in *[!A-Za-z0-9._~+/=-]*) stop 'BAKEHOUSE_AUTOSIGN_SECRET may hold A-Z, a-z, 0-9 and . _ ~ + / = - only' ;; esac
    # The attribute challengePassword: part of the request, not of the certificate.
    printf 'custom_attributes:\n  1.2.840.113549.1.9.7: "%s"\n' "$secret" >"$stage/csr_attributes.yaml"
  fi
  {
    printf '[agent]\nserver = %s\nenvironment = %s\n' "$PUPPET_SERVER" "$PUPPET_ENVIRONMENT"
    printf 'maxwaitforcert = %s\n' "${CERTIFICATE_WAIT:-$wait}"
    # A key for a few minutes, of the length that still counts as safe: the default one takes some 5 s to make.
    # Puppet 8 asks for a certificate that renews itself, unless this is 0; the autosign policy signs no such request.
    printf 'splay = false\nkeylength = 2048\nhostcert_renewal_interval = 0\n'
  } >>"$stage/bake.conf"
else
  [ -d "$MANIFESTS" ] || stop "there is no folder '$MANIFESTS': give the Puppet environment with build --manifests DIR"
  # --dereference: modules that are links out of the checkout come along.
  if [ -n "${FILES:-}" ]; then
    tar -czf "$stage/environment.tgz" --dereference --no-recursion -C "$MANIFESTS" --null --verbatim-files-from -T "$FILES"
  else
    # What Bakehouse and npm leave in a repository is not Puppet's; and the file itself may lie in the folder that it packs.
    tar -czf "$stage/environment.tgz" --dereference --exclude-vcs --anchored --exclude=./packs --exclude=./reports \
      --exclude=./plan.json --no-anchored --exclude=node_modules --exclude='*.upload.tar' --exclude='*.upload.tar.d' \
      -C "$MANIFESTS" .
  fi
fi
tar -cf "$UPLOAD" -C "$stage" .

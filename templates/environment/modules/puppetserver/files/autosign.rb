#!/usr/bin/env ruby
# Signs the certificates of bakes, and no others: a policy for Puppet's autosign.
#
# On the Puppet server, as root (Debian's paths; Puppet's own packages have /etc/puppetlabs/puppet, and their Ruby is
# /opt/puppetlabs/puppet/bin/ruby: change the first line):
#   install -o puppet -g puppet -m 700 autosign.rb /etc/puppet/autosign.rb
#   install -o puppet -g puppet -m 600 /dev/null /etc/puppet/autosign.secret
#   openssl rand -base64 32 >/etc/puppet/autosign.secret
#   puppet config set --section server autosign /etc/puppet/autosign.rb
# then restart puppetserver, and give the same secret to build as BAKEHOUSE_AUTOSIGN_SECRET.
#
# Puppet calls it with the certificate's name as argument and the request as PEM on standard input; exit 0 signs.
require 'openssl'

def refuse(why)
  warn "autosign: not signed: #{why}"
  exit 1
end

name = ARGV[0].to_s
refuse('the name is not one of a bake (<node>-<10 hexadecimal digits>.bake)') unless name.match?(/\A[a-z0-9][a-z0-9-]{0,47}-[0-9a-f]{10}\.bake\z/)

file = File.join(__dir__, 'autosign.secret')
begin
  refuse("#{file} may be read by others: chmod 600") if File.stat(file).mode & 0o077 != 0
  secret = File.read(file).strip
rescue SystemCallError => e
  refuse("#{file} cannot be read (#{e.class.name.split('::').last})")
end
refuse("#{file} holds less than 16 characters") if secret.length < 16

begin
  request = OpenSSL::X509::Request.new($stdin.read)
rescue OpenSSL::X509::RequestError
  refuse('standard input is no certificate request')
end
# A certificate of these names must not be good for more than a bake: no other names, no rights in the CA.
refuse("the request is for another name than #{name}") unless request.subject.to_a.map { |key, value| [key, value] } == [['CN', name]]
refuse('the request is not signed by its own key') unless request.verify(request.public_key)
attributes = request.attributes.to_h { |attribute| [attribute.oid, attribute.value] }
refuse('the request asks for extensions') unless (attributes.keys - ['challengePassword']).empty?

values = attributes['challengePassword']&.value
refuse('the request bears no secret') unless values.is_a?(Array) && values.length == 1
given = values[0].value.to_s
# By their digests: the time that it takes tells nothing of the secret.
digest = ->(text) { OpenSSL::Digest::SHA256.digest(text) }
refuse('the secret is wrong') unless OpenSSL.fixed_length_secure_compare(digest.call(given), digest.call(secret))

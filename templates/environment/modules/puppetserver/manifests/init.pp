# A Puppet server that serves the environment it was baked from, and signs the certificates of bakes.
#
# It makes its CA at its first boot. Its secret for autosign is no part of the image: bring it to the server as
# /etc/puppet/autosign.secret (see autosign.rb).
#
# @param names DNS names of the server; its certificate bears the first one
# @param heap the most memory that the server takes for its data
class puppetserver (
  Array[String[1], 1] $names = ['puppet'],
  Pattern[/\A\d+[mg]\z/] $heap = '1g',
) {
  # The package would start the server, which would make a CA that every server of the image would share; and a start
  # takes a minute. Enabling the service takes the mask away.
  exec { 'mask puppetserver while it is installed':
    command => '/usr/bin/systemctl mask puppetserver.service',
    creates => '/lib/systemd/system/puppetserver.service',
  }
  -> package { 'puppetserver':
    ensure          => installed,
    install_options => ['--no-install-recommends'],
  }
  -> service { 'puppetserver':
    enable => true,
  }

  file {
    default:
      ensure  => file,
      owner   => 'root',
      group   => 'root',
      mode    => '0644',
      require => Package['puppetserver'];
    '/etc/puppet/puppet.conf':
      content => epp('puppetserver/puppet.conf.epp', { 'names' => $names });
    '/etc/default/puppetserver':
      content => epp('puppetserver/default.epp', { 'heap' => $heap });
    '/etc/puppet/autosign.rb':
      owner  => 'puppet',
      group  => 'puppet',
      mode   => '0700',
      source => 'puppet:///modules/puppetserver/autosign.rb';
    ['/etc/puppet/code', '/etc/puppet/code/environments']:
      ensure => directory,
      mode   => '0755';
    # What is applied here: an immutable server is baked anew for a change of its environment, too.
    '/etc/puppet/code/environments/production':
      ensure  => directory,
      recurse => true,
      mode    => undef,
      source  => "${settings::environmentpath}/${environment}";
  }
}

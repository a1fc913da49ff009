# An nginx that serves one page.
#
# @param server_name the name in the server's own words
class web (
  String[1] $server_name = 'web',
) {
  package { 'nginx-light':
    ensure => installed,
  }

  file { '/etc/nginx/sites-available/default':
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => epp('web/site.conf.epp', { 'server_name' => $server_name }),
    require => Package['nginx-light'],
  }

  file { '/var/www/html/index.html':
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    source  => 'puppet:///modules/web/index.html',
    require => Package['nginx-light'],
  }

  service { 'nginx':
    ensure    => running,
    enable    => true,
    subscribe => File['/etc/nginx/sites-available/default'],
  }
}

class redis (Integer $port = 6379, Hash $limits = {}, Array[String] $path = ['/usr/bin', '/bin']) {
  # The package brings the user.
  package { 'redis-server':
    ensure => installed,
  }
  file { '/etc/redis/redis.conf':
    content => template('redis/redis.conf.erb'),
    mode    => '0640',
  }
  exec { 'check redis':
    command => 'redis-check',
    path    => $path,
  }
  service { 'redis-server':
    ensure => running,
  }
  File['/etc/redis/redis.conf'] ~> Service['redis-server']
}

# A Redis server that listens on the machine's own address only.
#
# @param maxmemory_mb most memory that Redis takes for data, in MiB
# @param port TCP port
class redis (
  Integer[1] $maxmemory_mb = 128,
  Integer[1, 65535] $port = 6379,
) {
  package { 'redis-server':
    ensure => installed,
  }

  file { '/etc/redis/redis.conf':
    ensure  => file,
    owner   => 'redis',
    group   => 'redis',
    mode    => '0640',
    content => epp('redis/redis.conf.epp', { 'maxmemory_mb' => $maxmemory_mb, 'port' => $port }),
    require => Package['redis-server'],
  }

  service { 'redis-server':
    ensure    => running,
    enable    => true,
    subscribe => File['/etc/redis/redis.conf'],
  }
}

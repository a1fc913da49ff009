class web (Integer $workers) {
  file { '/etc/web.conf':
    content => web::line('workers', $workers),
  }
  file { '/var/www/index.html':
    source => 'puppet:///modules/web/index.html',
  }
  file { '/var/www/assets':
    ensure  => directory,
    recurse => true,
    source  => 'puppet:///modules/web/assets',
  }
}

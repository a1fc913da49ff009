class role::web {
  include profile::base
  file { '/etc/web.conf':
    content => "port = 80\n",
  }
}

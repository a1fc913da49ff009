class tools (Sensitive[String] $token) {
  tool { 'hammer':
    size => tools::double(2),
  }
  file { '/etc/tools.token':
    content => $token,
    mode    => '0600',
  }
}

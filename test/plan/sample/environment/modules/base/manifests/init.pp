# For everybody.
class base (String $banner, String $shell, Boolean $quiet = false) {
  file { '/etc/motd':
    content => epp('base/motd.epp', { 'banner' => $banner }),
    mode    => '0644',
  }
  user { 'operator':
    shell => $shell,
  }
}

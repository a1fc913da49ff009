# What every server has.
#
# @param contact whom to ask about the server
class base (
  String[1] $contact,
) {
  file { '/etc/motd':
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => epp('base/motd.epp', { 'node' => $facts['bakehouse_node'], 'contact' => $contact }),
  }
}

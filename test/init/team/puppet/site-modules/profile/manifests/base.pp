class profile::base {
  file { '/etc/motd':
    content => "Baked as ${facts['bakehouse_node']}\n",
  }
}

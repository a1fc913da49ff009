class role::app_server {
  include profile::base
}

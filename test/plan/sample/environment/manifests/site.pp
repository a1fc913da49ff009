# Who is what.
node /^redis[-.]/ {
  include base
  include redis
}
node /^web[-.]/ {
  include base
  include web
}
node /^app[-.]/ {
  include base
  include tools
}

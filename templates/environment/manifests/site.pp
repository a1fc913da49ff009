# A bake's certificate name begins with its node's name: redis.bake, or redis-<run>.bake against a Puppet server.
node /^redis[-.]/ {
  include base
  include redis
}

node /^web[-.]/ {
  include base
  include web
}

# The Puppet server of `npm start -- --puppet-server`: baked from this environment, which it then serves.
node /^puppet[-.]/ {
  include base
  include puppetserver
}

# A node that nobody configured must not become an empty image that looks like a good one.
node default {
  fail("site.pp says nothing about ${trusted['certname']}: add a node block for it")
}

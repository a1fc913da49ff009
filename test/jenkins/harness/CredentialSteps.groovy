package harness

/** `withCredentials`: variables for a body, and their values masked in its log. */
class CredentialSteps {
  static Object withCredentials(Build build, Context context, Map args, Closure body) {
    Map<String, String> more = [:]
    Set<String> secrets = [] as Set
    (args.bindings as List<Map>).each { binding ->
      Map found = (build.given.credentials ?: [:])[binding.credentialsId as String] as Map
      if (found == null) {
        throw new CredentialNotFoundException("Could not find credentials entry with ID '$binding.credentialsId'")
      }
      if (binding.$symbol == 'usernamePassword') {
        if (!found.containsKey('password')) {
          throw wrongType(binding, 'Secret text', 'Username with password')
        }
        more[binding.usernameVariable as String] = found.username as String
        more[binding.passwordVariable as String] = found.password as String
        secrets << (found.password as String)
      } else if (binding.$symbol == 'string') {
        if (!found.containsKey('secret')) {
          throw wrongType(binding, 'Username with password', 'Secret text')
        }
        more[binding.variable as String] = found.secret as String
        secrets << (found.secret as String)
      } else {
        throw new IllegalArgumentException("no binding: $binding")
      }
    }
    build.say("Masking supported pattern matches of ${more.keySet().collect { '$' + it }.join(' or ')}")
    Context.during(context.with(overrides: context.overrides + [more], secrets: context.secrets + secrets), body)
  }

  private static CredentialNotFoundException wrongType(Map binding, String is, String expected) {
    new CredentialNotFoundException("Credentials '$binding.credentialsId' is of type '$is' where '$expected' was expected")
  }
}

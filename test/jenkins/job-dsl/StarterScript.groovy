/** What an inline pipeline of jobs/ is run as: the steps that it may use, which keep what they were given. */
abstract class StarterScript extends Script {
  private static final List<String> JOB_DSL = ['targets', 'additionalParameters', 'lookupStrategy', 'removedJobAction',
    'failOnMissingPlugin', 'sandbox']

  Map string(Map given) {
    parameter('string', given, String)
  }

  Map booleanParam(Map given) {
    parameter('boolean', given, Boolean)
  }

  /** Answers the build that the test has thought out, or ends as an abort does. */
  Object build(Map given) {
    keep('build', given)
    Map answer = binding.getVariable('answer')
    if (answer == null) {
      throw new InterruptedException('aborted')
    }
    answer.asImmutable()
  }

  void node(String label, Closure body) {
    keep('node', label)
    body.call()
  }

  Map checkout(Map scm) {
    keep('checkout', scm)
    [:]
  }

  void sh(String script) {
    keep('sh', script)
  }

  String sh(Map given) {
    keep('sh', given.script)
    given.returnStdout ? binding.getVariable('stdout') : null
  }

  void jobDsl(Map given) {
    if (given.keySet() != JOB_DSL as Set) {
      throw new IllegalArgumentException("jobDsl: ${JOB_DSL} were expected, not ${given.keySet()}")
    }
    keep('jobDsl', given)
  }

  private Map parameter(String kind, Map given, Class type) {
    if (given.keySet() != ['name', 'value'] as Set || !type.isInstance(given.value)) {
      throw new IllegalArgumentException("${kind}: a name and a ${type.simpleName} were expected, not ${given}")
    }
    [kind: kind] + given
  }

  private void keep(String step, Object given) {
    binding.getVariable('steps').add([step: step, given: given])
  }
}

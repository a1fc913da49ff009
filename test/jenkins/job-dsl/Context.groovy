/**
 * A block of Job DSL: what it has as methods is what the plugin has, and nothing else can be called in it. Jenkins would try
 * the blocks around it, too, so that a line in the wrong block may do something else than it says; here it is an error.
 */
abstract class Context {
  /** Runs `body` in `context` and answers it. */
  static <T> T within(T context, Closure body) {
    body.delegate = context
    body.resolveStrategy = Closure.DELEGATE_ONLY
    body.call()
    context
  }

  Object methodMissing(String name, Object arguments) {
    String types = arguments*.getClass()*.simpleName.join(', ')
    throw new IllegalArgumentException("${this.class.simpleName}: Job DSL has no ${name}(${types}) here")
  }

  Object propertyMissing(String name) {
    throw new IllegalArgumentException("${this.class.simpleName}: nothing is named ${name} here")
  }

  /** Keeps `value` under `name`; what can be given once must not be given twice. */
  protected void once(Map record, String name, Object value) {
    if (record.containsKey(name)) {
      throw new IllegalArgumentException("${this.class.simpleName}: ${name} is given twice")
    }
    record[name] = value
  }
}

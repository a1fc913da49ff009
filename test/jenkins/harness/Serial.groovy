package harness

import java.lang.reflect.Field
import java.lang.reflect.Modifier

/** A controller saves the whole program at each step: whatever the script holds then must be serializable. */
class Serial {
  static void check(JenkinsScript script, String step, Map args) {
    script.class.declaredFields.findAll { !Modifier.isStatic(it.modifiers) && !it.synthetic }.each { Field field ->
      field.accessible = true
      Object bad = findBad(field.get(script), 0)
      if (bad != null) {
        throw new NotSerializableException("${bad.getClass().name} in the field $field.name at the step $step")
      }
    }
    script.binding.variables.findAll { !(it.key as String).startsWith('$') }.each { name, value ->
      Object bad = findBad(value, 0)
      if (bad != null) {
        throw new NotSerializableException("${bad.getClass().name} in the variable $name at the step $step")
      }
    }
    Object bad = findBad(args, 0)
    if (bad != null) {
      throw new NotSerializableException("${bad.getClass().name} in an argument of the step $step")
    }
  }

  private static Object findBad(Object value, int depth) {
    if (value == null || depth > 12) {
      return null
    }
    if (value instanceof Closure) {
      return captured(value).findResult { it instanceof JenkinsScript ? null : findBad(it, depth + 1) }
    }
    if (value instanceof Map && value instanceof Serializable) {
      return (value as Map).values().findResult { findBad(it, depth + 1) }
    }
    if (value instanceof Collection && value instanceof Serializable) {
      return (value as Collection).findResult { findBad(it, depth + 1) }
    }
    value instanceof Serializable || value instanceof JenkinsScript || value instanceof Env || value instanceof CurrentBuild ? null : value
  }

  /** The local variables that a closure took with it. */
  private static List captured(Closure closure) {
    closure.class.declaredFields.findAll { !Modifier.isStatic(it.modifiers) && !it.synthetic || it.type == Reference }.collect { Field field ->
      field.accessible = true
      Object value = field.get(closure)
      value instanceof Reference ? value.get() : value
    }
  }
}

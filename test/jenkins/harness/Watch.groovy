package harness

import org.codehaus.groovy.runtime.InvokerHelper

/** What a sandboxed script may do without an administrator's approval, of script-security's generic-whitelist; what is needed here. */
class Allowed {
  static final Set<String> NEW = ['groovy.json.JsonSlurper', 'java.lang.Exception', 'java.util.ArrayList', 'java.util.HashMap', 'java.util.LinkedHashMap',
                                  'java.util.TreeMap'] as Set
  static final Set<String> STATIC = [
    'staticMethod java.lang.Boolean parseBoolean', 'staticMethod java.lang.Integer parseInt', 'staticMethod java.lang.Integer valueOf',
    'staticMethod java.lang.String valueOf', 'staticMethod java.lang.String join', 'staticMethod java.lang.System currentTimeMillis',
  ] as Set

  /** `method java.util.Map …`, and what DefaultGroovyMethods or StringGroovyMethods add to it there. */
  static final Map<Class, Set<String>> METHODS = [
    (Map): ['containsKey', 'containsValue', 'entrySet', 'get', 'getOrDefault', 'isEmpty', 'keySet', 'put', 'putAll', 'putIfAbsent', 'remove', 'size', 'values',
            'any', 'collect', 'collectEntries', 'collectMany', 'count', 'each', 'eachWithIndex', 'every', 'find', 'findAll', 'findResult', 'findResults', 'getAt',
            'groupBy', 'inject', 'leftShift', 'minus', 'plus', 'putAt', 'subMap', 'clear'] as Set,
    (Map.Entry): ['getKey', 'getValue'] as Set,
    (Collection): ['add', 'addAll', 'contains', 'containsAll', 'isEmpty', 'remove', 'removeAll', 'retainAll', 'size', 'clear', 'iterator',
                   'any', 'collect', 'collectEntries', 'collectMany', 'count', 'each', 'eachWithIndex', 'every', 'find', 'findAll', 'findResult', 'findResults', 'first',
                   'flatten', 'getAt', 'groupBy', 'inject', 'intersect', 'join', 'last', 'leftShift', 'max', 'min', 'minus', 'plus', 'reverse', 'sort', 'sum', 'tail',
                   'take', 'toList', 'toSet', 'toSorted', 'unique'] as Set,
    (List): ['get', 'indexOf', 'subList', 'collate', 'drop', 'head', 'pop', 'push', 'reverseEach'] as Set,
    (Iterator): ['hasNext', 'next'] as Set,
    (CharSequence): ['charAt', 'concat', 'contains', 'endsWith', 'equals', 'equalsIgnoreCase', 'indexOf', 'isEmpty', 'lastIndexOf', 'length', 'matches', 'replace',
                     'replaceAll', 'replaceFirst', 'split', 'startsWith', 'subSequence', 'substring', 'toLowerCase', 'toUpperCase', 'trim',
                     'capitalize', 'center', 'count', 'drop', 'isInteger', 'minus', 'multiply', 'padLeft', 'padRight', 'plus', 'readLines', 'size', 'stripIndent',
                     'stripMargin', 'take', 'toBoolean', 'toInteger', 'tokenize'] as Set,
    (Number): ['intValue', 'longValue', 'plus', 'minus', 'times', 'toInteger'] as Set,
    (Throwable): ['getCause', 'getMessage'] as Set,
    (groovy.json.JsonSlurper): ['parseText'] as Set,
    // workflow-support's RunWrapper, workflow-cps' globals.
    (CurrentBuild): CurrentBuild.declaredMethods*.name as Set,
    // git's GitSCM
    (GitScm): ['getExtensions', 'getUserRemoteConfigs'] as Set,
    (Closure): ['call', 'curry', 'rcurry'] as Set,
    (Object): ['equals', 'getClass', 'hashCode', 'toString', 'asBoolean'] as Set,
  ]

  /** Those of which CPS has a version of its own, for a closure with steps: workflow-cps' translatable.txt. */
  static final Set<String> CPS = [
    'any', 'collect', 'collectEntries', 'collectMany', 'collectNested', 'count', 'countBy', 'downto', 'each', 'eachWithIndex', 'every', 'find', 'findAll', 'findIndexOf',
    'findResult',
    'findResults', 'flatten', 'groupBy', 'inject', 'max', 'min', 'removeAll', 'retainAll', 'reverseEach', 'sort', 'split', 'step', 'sum', 'times', 'toSorted', 'unique',
    'upto', 'with',
    'call', 'curry', 'rcurry',
  ] as Set
}

/** Each call and each property that the Jenkinsfile makes on an object comes here. */
class Watch {
  private static final InheritableThreadLocal<Build> BUILD = new InheritableThreadLocal<>()

  static void enter(Build build) {
    BUILD.set(build)
  }

  static Object call(Object object, Object name, Object[] args, boolean safe) {
    if (object == null && safe) {
      return null
    }
    String method = name as String
    if (object != null && !(object instanceof Class) && !(object instanceof JenkinsScript)) {
      judge(object, method)
      if (args.any { it instanceof Closure } && !Allowed.CPS.contains(method)) {
        reject("${object.class.name}.$method with a closure, which CPS cannot run")
      }
    }
    if (object instanceof JenkinsScript) {
      return InvokerHelper.invokeMethod(object, method, args)
    }
    InvokerHelper.invokeMethod(object, method, args)
  }

  static Object get(Object object, Object name, boolean safe) {
    if (object == null && safe) {
      return null
    }
    if (object instanceof Map || object instanceof Env || object instanceof JenkinsScript) {
      return InvokerHelper.getProperty(object, name as String)
    }
    if (object != null) {
      String text = (name as String).capitalize()
      List<String> getters = ["get$text", "is$text"]*.toString()
      if (object instanceof Class || !getters.any { may(object, it) }) {
        reject("the property $name of ${object instanceof Class ? object.name : object.class.name}")
      }
    }
    InvokerHelper.getProperty(object, name as String)
  }

  static Object set(Object object, Object name, Object value) {
    boolean fine = object instanceof Map || object instanceof Env || object instanceof JenkinsScript ||
      object instanceof CurrentBuild && (name as String) in ['description', 'displayName', 'result']
    if (!fine) {
      reject("setting the property $name of ${object?.class?.name}")
    }
    InvokerHelper.setProperty(object, name as String, value)
    value
  }

  private static boolean may(Object object, String method) {
    Allowed.METHODS.any { type, names -> type.isInstance(object) && names.contains(method) }
  }

  private static void judge(Object object, String method) {
    if (!may(object, method)) {
      reject("method ${object.class.name} $method")
    }
  }

  private static void reject(String what) {
    BUILD.get().rejected << what
    throw new RejectedAccessException(what)
  }
}

/**
 * The dynamic part of Job DSL: a block whose methods are the constructor's arguments of a class of Jenkins, by the symbols of
 * the classes. The models below are those classes as they were in 2021 (core 2.277, workflow-job 2.40) and still are.
 */
class Describable extends Context {
  /** Symbol: its arguments, all of them required, each a type or the symbols of which its block takes some. */
  private static final Map<String, Map<String, Object>> MODELS = [
    disableConcurrentBuilds: [:],
    pipelineTriggers: [triggers: ['pollSCM', 'cron']],
    buildDiscarder: [strategy: ['logRotator']],
    pollSCM: [scmpoll_spec: String],
    cron: [spec: String],
    logRotator: [daysToKeepStr: String, numToKeepStr: String, artifactDaysToKeepStr: String, artifactNumToKeepStr: String]
  ]

  final Map<String, Object> values = [:]
  private final String symbol

  Describable(String symbol) {
    this.symbol = symbol
  }

  @Override
  Object methodMissing(String name, Object arguments) {
    Object type = MODELS[symbol][name]
    Object value = arguments.size() == 1 ? arguments[0] : null
    if (type instanceof List && value instanceof Closure) {
      once(values, name, within(new Describables(type), value).values)
    } else if (type instanceof Class && type.isInstance(value)) {
      once(values, name, value)
    } else {
      throw new IllegalArgumentException("${symbol} takes ${MODELS[symbol].keySet()}, not ${name}(${arguments.join(', ')})")
    }
    null
  }

  /** What the block has set, once nothing is missing in it. */
  Map<String, Object> complete() {
    Set<String> missing = MODELS[symbol].keySet() - values.keySet()
    if (missing) {
      throw new IllegalArgumentException("${symbol} lacks ${missing.join(', ')}, which Job DSL requires")
    }
    values
  }
}

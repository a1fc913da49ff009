package harness

/** What collects a section: each call is an entry, and a name that the section does not know is a compile error. */
class Section extends GroovyObjectSupport {
  private final String title
  private final Closure take

  Section(String title, Closure take) {
    this.title = title
    this.take = take
  }

  @Override
  Object invokeMethod(String name, Object args) {
    take(name, args instanceof Object[] ? args as List : [args])
  }

  @Override
  Object getProperty(String name) {
    // `agent none`
    if (name in ['any', 'none']) {
      return name
    }
    throw new MissingPropertyException(name, getClass())
  }

  /** `environment { A = 'b' }` */
  @Override
  void setProperty(String name, Object value) {
    take(name, [value])
  }

  static void read(String title, Object closure, Closure take) {
    if (!(closure instanceof Closure)) {
      throw new CompileError("Expected a block for $title")
    }
    Closure copy = (closure as Closure).clone() as Closure
    copy.delegate = new Section(title, take)
    copy.resolveStrategy = Closure.DELEGATE_FIRST
    copy.call()
    // What is inside finds its names later, when it runs, as if nothing had been read.
    copy.delegate = copy.owner
  }
}

/** A stage as the Jenkinsfile has it. */
class StageSpec {
  String name
  Closure steps
  Closure when
  Object agent
  Map<String, String> environment = [:]
  Map<String, Object> options = [:]
  Map<String, Closure> post = [:]
}

/** A declarative pipeline, read and judged before anything of it runs. */
class PipelineSpec {
  /** In the order in which Jenkins goes through them. */
  static final List<String> CONDITIONS = ['always', 'changed', 'fixed', 'regression', 'aborted', 'failure', 'success', 'unstable', 'unsuccessful', 'notBuilt', 'cleanup']
  private static final Map<String, String> OPTIONS = [
    buildDiscarder: null, disableConcurrentBuilds: null, disableResume: null, durabilityHint: null, lock: 'lockable-resources',
    overrideIndexTriggers: null, parallelsAlwaysFailFast: null, preserveStashes: null, quietPeriod: null, retry: null,
    skipDefaultCheckout: null, skipStagesAfterUnstable: null, timeout: null, timestamps: 'timestamper',
  ]
  /** pipeline-model-definition's own message for all that one may say. */
  private static final List<String> PARAMETERS = ['booleanParam', 'choice', 'password', 'string', 'text']

  Object agent
  final List<Map> parameters = []
  final Map<String, Object> options = [:]
  final Map<String, String> environment = [:]
  final List<StageSpec> stages = []
  Map<String, Closure> post = [:]
  private final Build build

  PipelineSpec(Build build, Closure body) {
    this.build = build
    Set seen = [] as Set
    Section.read('pipeline', body) { String name, List args ->
      if (!seen.add(name)) {
        throw new CompileError("Multiple occurrences of the $name section")
      }
      switch (name) {
        case 'agent': agent = args[0]; break
        case 'parameters': Section.read(name, args[0], this.&parameter); break
        case 'options': Section.read(name, args[0], this.&option); break
        case 'environment': Section.read(name, args[0]) { variable, value -> environment[variable as String] = value[0] as String }; break
        case 'triggers': Section.read(name, args[0]) { trigger, value -> options["trigger $trigger".toString()] = value }; break
        case 'stages': Section.read(name, args[0]) { call, value -> stages << stage(call as String, value as List) }; break
        case 'post': post = conditions(args[0]); break
        default: throw new CompileError("Undefined section \"$name\"")
      }
    }
    ['agent', 'stages'].findAll { !seen.contains(it) }.each { throw new CompileError("Missing required section \"$it\"") }
    if (stages.empty) {
      throw new CompileError('No stages specified')
    }
    List<String> names = stages*.name
    names.findAll { names.count(it) > 1 }.each { throw new CompileError("Duplicate stage name: \"$it\"") }
  }

  private Object parameter(String name, List args) {
    if (!PARAMETERS.contains(name)) {
      throw new CompileError("Invalid parameter type \"$name\". Valid parameter types: $PARAMETERS")
    }
    Map given = args[0] as Map
    Set unknown = given.keySet() - ['name', 'defaultValue', 'description', 'choices', 'trim']
    if (!unknown.empty || !given.name) {
      throw new CompileError("Invalid parameter \"${unknown.join(',')}\" of $name")
    }
    Object value = name == 'choice' ? (given.choices as List)[0] : name == 'booleanParam' ? given.defaultValue ?: false : given.defaultValue ?: ''
    parameters << [type: name, name: given.name, defaultValue: value, description: given.description]
  }

  private Object option(String name, List args) {
    if (name == 'logRotator') {
      return StepCall.symbol(name, args as Object[])
    }
    if (!OPTIONS.containsKey(name) || OPTIONS[name] != null && !build.plugins.contains(OPTIONS[name])) {
      List<String> valid = OPTIONS.findAll { it.value == null || build.plugins.contains(it.value) }*.key
      throw new CompileError("Invalid option type \"$name\". Valid option types: $valid")
    }
    if (options.containsKey(name)) {
      throw new CompileError("Duplicate option name: \"$name\"")
    }
    // disableConcurrentBuilds(abortPrevious: …) is of 2021, retry and lock as options nobody here needs.
    if (name in ['disableConcurrentBuilds'] && !args.empty || name in ['retry', 'lock', 'skipStagesAfterUnstable']) {
      throw new CompileError("the harness does not know the option $name with $args")
    }
    options[name] = args.size() == 1 ? args[0] : true
  }

  private StageSpec stage(String call, List args) {
    if (call != 'stage' || args.size() != 2) {
      throw new CompileError('Expected a stage')
    }
    StageSpec spec = new StageSpec(name: args[0] as String)
    Section.read("stage $spec.name", args[1]) { String name, List values ->
      switch (name) {
        case 'agent': spec.agent = values[0]; break
        case 'steps': spec.steps = values[0] as Closure; break
        case 'when': spec.when = values[0] as Closure; break
        case 'environment': Section.read(name, values[0]) { variable, value -> spec.environment[variable as String] = value[0] as String }; break
        case 'post': spec.post = conditions(values[0]); break
        case 'options': Section.read(name, values[0]) { option, value -> spec.options[option as String] = value[0] }; break
        default: throw new CompileError("Unknown stage section \"$name\". Starting with version 0.5, steps in a stage must be in a ‘steps’ block.")
      }
    }
    // Others are allowed on a controller; nobody here needs them.
    spec.options.keySet().findAll { it != 'timeout' }.each { throw new CompileError("the harness does not know the option $it of a stage") }
    if (spec.steps == null) {
      throw new CompileError("Expected one of \"steps\", \"stages\", or \"parallel\" for stage \"$spec.name\"")
    }
    spec
  }

  private static Map<String, Closure> conditions(Object body) {
    Map<String, Closure> found = [:]
    Section.read('post', body) { String name, List args ->
      if (!CONDITIONS.contains(name)) {
        throw new CompileError("Invalid condition \"$name\" - valid conditions are $CONDITIONS")
      }
      if (found.put(name, args[0] as Closure) != null) {
        throw new CompileError("Duplicate build condition name: \"$name\"")
      }
    }
    found
  }
}

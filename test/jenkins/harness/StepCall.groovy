package harness

/** How a step is called: its names and parameters as the plugins have them, up to 2021. Whatever else is given fails. */
class StepCall {
  private static final Set NONE = [] as Set

  /**
   * parameters: all that it knows; value: the one that may stand alone; body: it has one; node: it needs an agent;
   * plugin: it is only there with that one.
   */
  private static final Map<String, Map> STEPS = [
    archiveArtifacts: [value: 'artifacts', node: true, run: ReportSteps.&archiveArtifacts,
      parameters: ['artifacts', 'excludes', 'allowEmptyArchive', 'fingerprint', 'onlyIfSuccessful', 'defaultExcludes', 'caseSensitive', 'followSymlinks']],
    build: [value: 'job', parameters: ['job', 'parameters', 'propagate', 'quietPeriod', 'wait'], run: BuildStep.&build],
    catchError: [parameters: ['message', 'buildResult', 'stageResult', 'catchInterruptions'], body: true, run: BlockSteps.&catchError],
    checkout: [value: 'scm', parameters: ['scm', 'changelog', 'poll'], node: true, run: ScmSteps.&checkout],
    deleteDir: [node: true, run: FileSteps.&deleteDir],
    dir: [value: 'path', parameters: ['path'], node: true, body: true, run: BlockSteps.&dir],
    echo: [value: 'message', parameters: ['message'], run: BlockSteps.&echo],
    error: [value: 'message', parameters: ['message'], run: BlockSteps.&error],
    fileExists: [value: 'file', parameters: ['file'], node: true, run: FileSteps.&fileExists],
    input: [value: 'message', parameters: ['message', 'id', 'ok', 'submitter', 'submitterParameter', 'parameters'], run: InputStep.&input],
    isUnix: [node: true, run: FileSteps.&isUnix],
    junit: [value: 'testResults', node: true, run: ReportSteps.&junit,
      parameters: ['testResults', 'allowEmptyResults', 'healthScaleFactor', 'keepLongStdio', 'skipMarkingBuildUnstable', 'skipPublishingChecks', 'checksName']],
    lock: [value: 'resource', body: true, plugin: 'lockable-resources', run: BlockSteps.&lock,
      parameters: ['resource', 'extra', 'label', 'quantity', 'inversePrecedence', 'skipIfLocked', 'variable']],
    node: [value: 'label', parameters: ['label'], body: true, run: NodeStep.&node],
    parallel: [parameters: null, run: ParallelStep.&parallel],
    pwd: [parameters: ['tmp'], node: true, run: FileSteps.&pwd],
    readFile: [value: 'file', parameters: ['file', 'encoding'], node: true, run: FileSteps.&readFile],
    script: [body: true, run: BlockSteps.&script],
    sh: [value: 'script', parameters: ['script', 'label', 'encoding', 'returnStatus', 'returnStdout'], node: true, run: ShellStep.&sh],
    sleep: [value: 'time', parameters: ['time', 'unit'], run: BlockSteps.&sleep],
    stage: [value: 'name', parameters: ['name'], body: true, run: BlockSteps.&stage],
    stash: [value: 'name', parameters: ['name', 'includes', 'excludes', 'useDefaultExcludes', 'allowEmpty'], node: true, run: FileSteps.&stash],
    timeout: [value: 'time', parameters: ['time', 'unit', 'activity'], body: true, run: BlockSteps.&timeout],
    timestamps: [body: true, plugin: 'timestamper', run: BlockSteps.&timestamps],
    unstable: [value: 'message', parameters: ['message'], run: BlockSteps.&unstable],
    unstash: [value: 'name', parameters: ['name'], node: true, run: FileSteps.&unstash],
    waitUntil: [parameters: ['initialRecurrencePeriod', 'quiet'], body: true, run: BlockSteps.&waitUntil],
    withCredentials: [value: 'bindings', parameters: ['bindings'], body: true, run: CredentialSteps.&withCredentials],
    withEnv: [value: 'overrides', parameters: ['overrides'], body: true, run: BlockSteps.&withEnv],
    writeFile: [parameters: ['file', 'text', 'encoding'], node: true, run: FileSteps.&writeFile],
  ]

  /** What is no step but describes something: an argument of one. */
  private static final Map<String, Map> SYMBOLS = [
    booleanParam: [parameters: ['name', 'value', 'defaultValue', 'description']],
    choice: [parameters: ['name', 'choices', 'description']],
    logRotator: [parameters: ['numToKeepStr', 'daysToKeepStr', 'artifactNumToKeepStr', 'artifactDaysToKeepStr']],
    string: [parameters: ['name', 'value', 'defaultValue', 'description', 'trim', 'credentialsId', 'variable']],
    text: [parameters: ['name', 'value', 'defaultValue', 'description']],
    usernamePassword: [parameters: ['credentialsId', 'usernameVariable', 'passwordVariable']],
  ]

  static boolean isKnown(String name, Set<String> plugins) {
    STEPS.containsKey(name) && (STEPS[name].plugin == null || plugins.contains(STEPS[name].plugin))
  }

  static Object invoke(JenkinsScript script, String name, Object[] list) {
    Build build = script.$build()
    if (SYMBOLS.containsKey(name) && !(list.length == 2 && list[1] instanceof Closure)) {
      return symbol(name, list)
    }
    if (!isKnown(name, build.plugins)) {
      // workflow-cps' DSL.java, word for word as far as it matters.
      throw new NoSuchMethodError("No such DSL method '$name' found among steps ${STEPS.keySet().findAll { isKnown(it, build.plugins) }}")
    }
    Map step = STEPS[name]
    Closure body = list.length > 0 && list[-1] instanceof Closure ? list[-1] as Closure : null
    List rest = (body == null ? list : list[0..<(list.length - 1)]) as List
    Map args = arguments(name, step, rest)
    if (step.body && body == null) {
      throw new IllegalStateException("$name step must be called with a body")
    }
    if (body != null && !step.body) {
      throw new IllegalArgumentException("$name step does not take a body")
    }
    Context context = Context.get()
    if (step.node && context.slot == null) {
      throw new AbortException('Required context class hudson.FilePath is missing\nPerhaps you forgot to surround the step with a step that provides this, such as: node')
    }
    Serial.check(script, name, args)
    record(build, context, name, args) { step.run(build, context, args, body) }
  }

  private static Object record(Build build, Context context, String name, Map args, Closure body) {
    long start = System.nanoTime()
    Map entry = [step: name, label: args.label ?: args.name, branch: context.branch, stage: context.stage?.name]
    if (name != 'parallel') {
      build.say("[Pipeline] $name${args.label ? ' (' + args.label + ')' : ''}")
    }
    build.steps << entry
    try {
      context.slot?.check()
      Object value = body()
      context.slot?.check()
      return value
    } catch (Throwable error) {
      entry.error = "${error.class.simpleName}: $error.message".toString()
      throw error
    } finally {
      entry.ms = (System.nanoTime() - start).intdiv(1_000_000)
    }
  }

  private static Map arguments(String name, Map step, List rest) {
    if (step.parameters == null && name == 'parallel') {
      return rest.empty ? [:] : rest[0] as Map
    }
    Set known = (step.parameters ?: NONE) as Set
    Map args = [:]
    if (rest.size() == 1 && rest[0] instanceof Map && !(name == 'checkout' && rest[0].containsKey('$class'))) {
      args = new LinkedHashMap(rest[0] as Map)
    } else if (rest.size() == 1) {
      if (step.value == null) {
        throw new IllegalArgumentException("$name: Arguments to \"$name\" must be explicitly named.")
      }
      args = [(step.value): rest[0]]
    } else if (rest.size() > 1) {
      throw new IllegalArgumentException("Expected named arguments but got $rest")
    }
    Set unknown = args.keySet() - known
    if (!unknown.empty) {
      throw new IllegalArgumentException("Unknown parameter(s) found for step '$name': ${unknown.join(',')}")
    }
    args
  }

  private static Map symbol(String name, Object[] list) {
    Map args = list.length == 0 ? [:] : list[0] as Map
    Set unknown = args.keySet() - (SYMBOLS[name].parameters as Set)
    if (!unknown.empty) {
      throw new IllegalArgumentException("Unknown parameter(s) found for '$name': ${unknown.join(',')}")
    }
    [$symbol: name] + args
  }
}

package harness

import groovy.json.JsonOutput
import java.util.concurrent.ConcurrentLinkedQueue

/** One build of a job: what it was given, and what it came to. */
class Build {
  final Map given
  final String job
  final int number
  final Controller controller
  final File folder
  final List<Agent> agents
  final Set<String> plugins
  final long startedMs = System.currentTimeMillis()
  final Vm vm = new Vm(this)
  /** What `env.X = …` sets. */
  final Map<String, String> assigned = [:]
  final List<Stage> stages = []
  final List<Map> steps = []
  final List<Map> cases = []
  final List<String> archived = []
  final List<Map> downstream = []
  final Set<String> branches = new LinkedHashSet<>()
  /** Whatever of the Jenkinsfile a sandbox would not allow, or CPS could not run. */
  final Set<String> rejected = new LinkedHashSet<>()
  final List<Map> definitions = []
  final Map<String, Object> options = [:]
  /** What persons have said to `input`, and nobody has read yet. */
  final Queue<Map> answers = new ConcurrentLinkedQueue<>()
  Libraries libraries
  String displayName
  String description
  String result
  String harnessError
  /** ABORTED once someone stopped it. */
  String stopped
  /** The parameters that the environment has: those that the job knew when the build began. */
  Map<String, Object> environmentParameters = [:]
  private final Writer log

  Build(Map given) {
    this.given = given
    job = given.job ?: 'bake-on-commit'
    controller = Controller.of(given.controller as String)
    number = controller.nextNumber(job)
    folder = new File(controller.jobFolder(job), "builds/$number")
    folder.mkdirs()
    displayName = "#$number"
    agents = (given.agents ?: []).collect { Agent.of(it as Map) }
    plugins = (given.plugins ?: []) as Set
    log = new OutputStreamWriter(new FileOutputStream(new File(folder, 'log')), 'UTF-8')
    List<Map> known = controller.definitions(job)
    Map values = (given.parameters ?: [:]) as Map
    // hudson.model.ParametersAction drops what the job does not define; before its first build that is everything.
    (known ?: []).each { environmentParameters[it.name as String] = values.containsKey(it.name) ? values[it.name] : it.defaultValue }
  }

  /** As ParamsVariable: all that was given, also what the environment lacks, and the defaults that are known by now. */
  Map<String, Object> getParams() {
    Map all = definitions.collectEntries { [(it.name): it.defaultValue] }
    Collections.unmodifiableMap(all + environmentParameters + ((given.parameters ?: [:]) as Map))
  }

  String getTag() {
    "jenkins-${job.replace('/', '-')}-$number"
  }

  /** What every step of the build has, without agent and blocks. */
  Map<String, String> environment() {
    String jenkins = 'http://jenkins.invalid/'
    Map<String, String> env = [
      JENKINS_URL: jenkins, BUILD_URL: "${jenkins}job/$job/$number/".toString(), JOB_URL: "${jenkins}job/$job/".toString(),
      JOB_NAME: job, JOB_BASE_NAME: job.tokenize('/').last(), BUILD_NUMBER: "$number".toString(), BUILD_ID: "$number".toString(),
      BUILD_DISPLAY_NAME: displayName, BUILD_TAG: tag, CI: 'true', HUDSON_URL: jenkins, JENKINS_HOME: controller.folder.path,
      HUDSON_SERVER_COOKIE: '0123456789abcdef', JENKINS_SERVER_COOKIE: '0123456789abcdef',
    ]
    environmentParameters.each { name, value ->
      // StringParameterValue has the name in capitals, too.
      env[name] = String.valueOf(value)
      env[name.toUpperCase(Locale.ENGLISH)] = String.valueOf(value)
    }
    env + assigned
  }

  /** The environment of a step here. */
  Map<String, String> effectiveEnvironment(Context context) {
    Map<String, String> env = [:]
    if (context.slot != null) {
      env.putAll([PATH: System.getenv('PATH'), HOME: '/proc/nobody', LANG: 'C.UTF-8'])
      env.putAll(context.slot.agent.env)
    }
    env.putAll(environment())
    if (context.slot != null) {
      Slot slot = context.slot
      env.putAll([
        NODE_NAME: slot.agent.name, NODE_LABELS: slot.agent.labels.join(' '), EXECUTOR_NUMBER: "$slot.number".toString(),
        WORKSPACE: slot.workspace.path, WORKSPACE_TMP: "${slot.workspace.path}@tmp".toString(), JENKINS_NODE_COOKIE: slot.cookie,
      ])
    }
    context.overrides.each { override(env, it) }
    env
  }

  /** hudson.EnvVars.overrideAll: an empty value takes the variable away, NAME+X goes before what there is. */
  private static void override(Map<String, String> env, Map<String, String> others) {
    others.each { name, value ->
      int plus = name.indexOf('+')
      if (value == null || value.empty) {
        env.remove(name)
      } else if (plus > 0) {
        String base = name.substring(0, plus)
        env[base] = env[base] ? "$value:${env[base]}".toString() : value
      } else {
        env[name] = value
      }
    }
  }

  /** A line of the console, with the secrets that are known here masked. */
  void say(String text) {
    String masked = text
    // The longest first: one may be a part of another.
    (Context.get()?.secrets ?: []).findAll { it }.sort { -it.length() }.each { masked = masked.replace(it, '****') }
    synchronized (log) {
      log.write(masked + '\n')
      log.flush()
    }
  }

  void worsen(String other) {
    result = Results.worst(result, other)
  }

  /** Someone presses the cross. */
  void abort() {
    stopped = 'ABORTED'
    say('Aborted by admin')
    vm.interrupt(new FlowInterruptedException('ABORTED', 'Aborted by admin'))
  }

  /** Closes the log; answers what tests look at, which stands in result.json, too. */
  Map finish() {
    say("Finished: ${result ?: 'SUCCESS'}")
    log.close()
    Map all = [
      job: job, number: number, tag: tag, result: result ?: 'SUCCESS', displayName: displayName, description: description,
      stages: stages*.asMap(), branches: branches, steps: steps, cases: cases, archived: archived.sort(), downstream: downstream,
      rejected: rejected, parameters: definitions, options: options, harnessError: harnessError, folder: folder.path,
      log: new File(folder, 'log').path,
    ]
    new File(folder, 'result.json').text = JsonOutput.prettyPrint(JsonOutput.toJson(all))
    all
  }
}

package harness

/** A computer with executors and workspaces that last from build to build. */
class Agent {
  /** By their root folder, for all builds of this process. */
  private static final Map<String, Agent> ALL = [:]

  final String name
  final List<String> labels
  final int executors
  final File root
  final Map<String, String> env
  final List<Slot> slots = []
  boolean online = true
  /** It has gone, and is about to come back. */
  boolean returning

  private Agent(Map given) {
    name = given.name
    labels = (given.labels ?: []) + [given.name]
    executors = given.executors ?: 1
    root = new File(given.root as String)
    env = given.env ?: [:]
    root.mkdirs()
  }

  static synchronized Agent of(Map given) {
    if (ALL[given.root as String] == null) {
      ALL[given.root as String] = new Agent(given)
    }
    ALL[given.root as String]
  }

  /** A free executor, with the first workspace of the job that is not in use; none: undefined. */
  synchronized Slot take(Build build) {
    if (!online || slots.size() >= executors) {
      return null
    }
    String job = build.job
    List<String> used = slots*.workspace*.name
    // As a job's second build at a time, also the second branch gets a folder of its own.
    String folder = used.contains(job) ? (2..99).collect { "$job@$it".toString() }.find { !used.contains(it) } : job
    Slot slot = new Slot(this, build, new File(root, "workspace/$folder"), slots.size())
    slots << slot
    slot
  }

  synchronized void free(Slot slot) {
    slots.remove(slot)
  }

  /** The power goes: nothing on it ends in order. */
  void kill(boolean back) {
    List<Slot> had
    synchronized (this) {
      online = false
      returning = back
      had = new ArrayList<>(slots)
    }
    // Before its processes end: how they end reaches nobody any more.
    had.each { it.gone = true }
    had.each { Processes.killHard('JENKINS_NODE_COOKIE', it.cookie) }
    had.each { slot ->
      slot.build.vm.interrupt(new FlowInterruptedException('ABORTED', "Agent $name was removed", false)) { it.slot.is(slot) && it.step != 'sh' }
    }
    if (back) {
      online = true
    }
    had*.build.unique().each { it.vm.nudge() }
  }
}

/** An executor in use. */
class Slot {
  final Agent agent
  final Build build
  final File workspace
  final int number
  final String cookie = "${UUID.randomUUID()}"
  volatile boolean gone

  Slot(Agent agent, Build build, File workspace, int number) {
    this.agent = agent
    this.build = build
    this.workspace = workspace
    this.number = number
  }

  /** What a step on an agent that has gone throws. */
  void check() {
    if (gone) {
      throw new FlowInterruptedException('ABORTED', "Agent $agent.name was removed", false)
    }
  }
}

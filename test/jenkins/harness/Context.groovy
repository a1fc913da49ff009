package harness

/** What a step finds around it: the agent, the folder, variables, secrets, the stage. Each block step adds to it for its body. */
class Context {
  private static final ThreadLocal<Context> CURRENT = new ThreadLocal<>()

  Slot slot
  File folder
  /** Laid over the build's variables, the outermost first. */
  List<Map<String, String>> overrides = []
  Set<String> secrets = [] as Set
  Stage stage
  String branch
  /** The timeouts around this place. */
  List<Object> timeouts = []

  static Context get() {
    CURRENT.get()
  }

  static void set(Context context) {
    CURRENT.set(context)
  }

  Context with(Map changes) {
    new Context([slot: slot, folder: folder, overrides: overrides, secrets: secrets, stage: stage, branch: branch, timeouts: timeouts] + changes)
  }

  /** Runs a step's body in a context. */
  static Object during(Context context, Closure body) {
    Context before = CURRENT.get()
    CURRENT.set(context)
    try {
      return body()
    } finally {
      CURRENT.set(before)
    }
  }
}

/** A stage as the result tells it. */
class Stage {
  String name
  String result = 'SUCCESS'
  String skipped

  void worsen(String other) {
    result = Results.worst(result, other)
  }

  Map asMap() {
    [name: name, result: skipped == null ? result : 'NOT_BUILT', skipped: skipped]
  }
}

package harness

/** `build`: another job of this controller, whose Jenkinsfile the run's configuration names. */
class BuildStep {
  static Object build(Build build, Context context, Map args, Closure body) {
    Map job = (build.given.jobs ?: [:])[args.job as String] as Map
    if (job == null) {
      throw new AbortException("No item named $args.job found")
    }
    Map parameters = (args.parameters ?: []).collectEntries { [(it.name): it.value] }
    build.say("Scheduling project: $args.job")
    Map given = build.given + [text: null, file: null] + job + [job: args.job, parameters: parameters, upstream: build]
    Map ended = null
    Build other = null
    Waiting waiting = new Waiting(step: 'build', slot: context.slot)
    // A stopped build stops the one that it waits for.
    waiting.stop = { other?.abort() }
    try {
      build.vm.release(waiting) {
        Runner runner = new Runner(given)
        ended = runner.run { other = it }
      }
    } finally {
      if (ended != null) {
        build.downstream << ended
      }
    }
    build.say("$args.job #$ended.number completed: $ended.result")
    if (ended.result != 'SUCCESS' && args.propagate != false) {
      throw new FlowInterruptedException(ended.result as String, "$args.job #$ended.number completed with status $ended.result (propagate: false to ignore)", false)
    }
    [number: ended.number, result: ended.result]
  }
}

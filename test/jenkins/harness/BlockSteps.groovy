package harness

/** Steps around a body, and small ones: workflow-basic-steps, and two of plugins that may be missing. */
class BlockSteps {
  private static final long FIRST_WAIT_MS = 250
  private static final long LONGEST_WAIT_MS = 15_000

  static Object catchError(Build build, Context context, Map args, Closure body) {
    String buildResult = Results.check(args.containsKey('buildResult') ? args.buildResult ?: 'SUCCESS' : 'FAILURE', 'buildResult')
    String stageResult = Results.check(args.stageResult ?: 'SUCCESS', 'stageResult')
    boolean catchInterruptions = args.containsKey('catchInterruptions') ? args.catchInterruptions : true
    try {
      body()
    } catch (HarnessError | CompileError error) {
      throw error
    } catch (Throwable error) {
      // In 2021 the plugin knew no interruption that is none: an agent that has gone, or a downstream build.
      boolean actual = error instanceof FlowInterruptedException && (error.actual || build.given.year == 2021)
      if (!catchInterruptions && actual) {
        throw error
      }
      if (args.message) {
        build.say("ERROR: $args.message")
      }
      if (error instanceof FlowInterruptedException) {
        build.say(error.message)
        buildResult = error.result
        stageResult = error.result
      } else {
        build.say(error instanceof AbortException ? "ERROR: $error.message" : "$error")
      }
      if (buildResult != 'SUCCESS') {
        if (build.result == null || Results.worst(build.result, buildResult) != build.result) {
          build.say("Setting overall build result to $buildResult")
        }
        build.worsen(buildResult)
      }
      context.stage?.worsen(stageResult)
    }
    null
  }

  static Object dir(Build build, Context context, Map args, Closure body) {
    File folder = FileSteps.within(context, args.path as String)
    build.say("Running in $folder.path")
    Context.during(context.with(folder: folder), body)
  }

  static Object echo(Build build, Context context, Map args, Closure body) {
    build.say(args.message as String)
  }

  static Object error(Build build, Context context, Map args, Closure body) {
    throw new AbortException(args.message as String)
  }

  static Object unstable(Build build, Context context, Map args, Closure body) {
    build.say("WARNING: $args.message")
    build.worsen('UNSTABLE')
    context.stage?.worsen('UNSTABLE')
  }

  static Object stage(Build build, Context context, Map args, Closure body) {
    Stage stage = new Stage(name: args.name)
    build.stages << stage
    try {
      Context.during(context.with(stage: stage), body)
    } catch (Throwable error) {
      stage.worsen(Results.of(error))
      throw error
    }
  }

  static Object withEnv(Build build, Context context, Map args, Closure body) {
    Map<String, String> more = [:]
    (args.overrides as List).each { pair ->
      String text = pair as String
      int split = text.indexOf('=')
      if (split < 0) {
        throw new IllegalArgumentException("no '=' in $text")
      }
      more[text.substring(0, split)] = text.substring(split + 1)
    }
    Context.during(context.with(overrides: context.overrides + [more]), body)
  }

  static Object waitUntil(Build build, Context context, Map args, Closure body) {
    long period = args.initialRecurrencePeriod ? args.initialRecurrencePeriod as long : FIRST_WAIT_MS
    Waiting waiting = new Waiting(step: 'waitUntil', slot: context.slot)
    while (true) {
      Object value = body()
      if (!(value instanceof Boolean)) {
        throw new ClassCastException("body return value $value is not boolean")
      }
      if (value) {
        return null
      }
      if (!args.quiet) {
        build.say("Will try again after ${period < 1000 ? period + ' ms' : (period / 1000) + ' sec'}")
      }
      build.vm.pause('condition', waiting, period)
      period = Math.min((period * 1.2) as long, LONGEST_WAIT_MS)
    }
  }

  static Object script(Build build, Context context, Map args, Closure body) {
    body()
  }

  static Object sleep(Build build, Context context, Map args, Closure body) {
    Map<String, Integer> units = [SECONDS: 1, MINUTES: 60, MILLISECONDS: 0]
    int unit = units[args.unit ?: 'SECONDS']
    build.vm.pause('sleep', new Waiting(step: 'sleep', slot: context.slot), unit == 0 ? args.time as long : (args.time as long) * unit * 1000)
    null
  }

  /** When it is over, the step that runs in the body then is stopped, as by hand. */
  static Object timeout(Build build, Context context, Map args, Closure body) {
    Map<String, Long> units = [SECONDS: 1_000L, MINUTES: (build.given.minuteMs ?: 60_000) as long, HOURS: 3_600_000L]
    Object mark = new Object()
    Thread clock = Thread.startDaemon {
      try {
        Thread.sleep((args.time as long) * units[args.unit ?: 'MINUTES'])
        build.say('Cancelling nested steps due to timeout')
        build.vm.interrupt(new FlowInterruptedException('ABORTED', 'Timeout has been exceeded')) { it.context.timeouts.contains(mark) }
      } catch (InterruptedException over) {
        Thread.interrupted() // The body was quicker.
      }
    }
    try {
      return Context.during(context.with(timeouts: context.timeouts + [mark]), body)
    } finally {
      clock.interrupt()
    }
  }

  static Object timestamps(Build build, Context context, Map args, Closure body) {
    body()
  }

  static Object lock(Build build, Context context, Map args, Closure body) {
    List<String> names = ([args] + (args.extra ?: [])).collect { it.resource as String }.unique()
    if (names.any { !it }) {
      throw new IllegalArgumentException('Either resource or label must be specified.')
    }
    build.say("Trying to acquire lock on [${names.join(', ')}]")
    Object holder = null
    Waiting waiting = new Waiting(step: 'lock', slot: context.slot)
    build.vm.await({ holder == build ? 'lock' : 'outside' }, waiting, 100) {
      holder = build.controller.tryLock(build, names)
      holder == null
    }
    build.say("Lock acquired on [${names.join(', ')}]")
    try {
      return body()
    } finally {
      build.controller.unlock(names)
      build.vm.progress()
      build.say("Lock released on resource [${names.join(', ')}]")
    }
  }
}

package harness

/** `parallel`: all branches end, then the worst failure is thrown. */
class ParallelStep {
  static Object parallel(Build build, Context context, Map args, Closure body) {
    args.findAll { !(it.value instanceof Closure) && !(it.key == 'failFast' && it.value == false) }.each {
      // failFast: true would stop the other branches; nothing here may want that.
      throw new IllegalArgumentException("Expected a closure or failFast but found $it.key=$it.value")
    }
    Map<String, Closure> closures = args.findAll { it.value instanceof Closure } as Map<String, Closure>
    if (closures.isEmpty()) {
      build.say('No branches to run')
      return [:]
    }
    List<Throwable> failures = []
    Set<String> open = new LinkedHashSet<>(closures.keySet())
    closures.each { name, closure ->
      build.branches << name
      build.vm.start(name) {
        Context.set(context.with(branch: name))
        build.vm.run {
          try {
            closure.call()
          } catch (Throwable error) {
            build.say("Failed in branch $name")
            failures << error
          } finally {
            open.remove(name)
          }
        }
      }
    }
    Waiting waiting = new Waiting(step: 'parallel', outer: true, slot: null)
    build.vm.await({ 'join' }, waiting, 60_000) { open.empty }
    if (!failures.empty) {
      Throwable first = failures.toSorted { a, b -> rank(a) <=> rank(b) }[0]
      failures.findAll { !it.is(first) }.each { first.addSuppressed(it) }
      throw first
    }
    [:]
  }

  /** ParallelStep's ThrowableComparator: the most severe first, among equals the earliest. */
  private static int rank(Throwable error) {
    if (error instanceof FlowInterruptedException) {
      return 10 - Results.ORDER.indexOf(error.result)
    }
    error instanceof AbortException ? 1 : 0
  }
}

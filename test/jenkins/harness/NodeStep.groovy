package harness

/** `node`: waits for an executor of the label. */
class NodeStep {
  static Object node(Build build, Context context, Map args, Closure body) {
    String label = args.label ?: ''
    List<Agent> fit = build.agents.findAll { label.empty || it.labels.contains(label) }
    Slot slot = fit.findResult { it.take(build) }
    if (slot == null) {
      build.say('Still waiting to schedule task')
      build.say(fit.empty ? "There are no nodes with the label ‘${label}’" : "Waiting for next available executor on ‘${label}’")
      Waiting waiting = new Waiting(step: 'node', slot: context.slot)
      // Only another build can give back what this one has not got itself.
      Closure kind = { fit.any { it.returning && !it.online || it.online && it.slots.any { busy -> busy.build != build } } ? 'outside' : 'executor' }
      build.vm.await(kind, waiting, 100) {
        slot = fit.findResult { it.take(build) }
        slot != null
      }
    }
    build.say("Running on $slot.agent.name in $slot.workspace.path")
    slot.workspace.mkdirs()
    try {
      return Context.during(context.with(slot: slot, folder: slot.workspace), body)
    } finally {
      slot.agent.free(slot)
      build.vm.progress()
      // ExecutorStepExecution: whatever still runs there is ended, without waiting for it.
      Thread.startDaemon { Processes.terminate('JENKINS_NODE_COOKIE', slot.cookie) }
    }
  }
}

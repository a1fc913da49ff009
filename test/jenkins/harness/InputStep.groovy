package harness

/** `input`: waits for a person, on no agent unless it stands within `node`. What it answers is who said yes. */
class InputStep {
  static Object input(Build build, Context context, Map args, Closure body) {
    if (!args.message) {
      throw new IllegalArgumentException('input: Missing required parameter: "message"')
    }
    build.say("$args.message\n${args.ok ?: 'Proceed'} or Abort")
    Waiting waiting = new Waiting(step: 'input', slot: context.slot)
    Map answer = null
    build.vm.await({ 'outside' }, waiting, 50) {
      answer = build.answers.poll()
      if (answer?.user && args.submitter && !(args.submitter as String).tokenize(',').contains(answer.user)) {
        build.say("You need to be $args.submitter to submit this")
        answer = null
      }
      answer != null
    }
    if (!answer.yes) {
      build.say("Rejected by $answer.user")
      // As a stop of the build ends it, too: pipeline-input-step's doAbort.
      throw new FlowInterruptedException('ABORTED', 'Rejected')
    }
    build.say("Approved by $answer.user")
    // The only value is the answer, not a map of it.
    args.submitterParameter ? answer.user : null
  }
}

package harness

/** `sh`, for real: as durable-task runs it. */
class ShellStep {
  static Object sh(Build build, Context context, Map args, Closure body) {
    Slot slot = context.slot
    File control = new File("${slot.workspace.path}@tmp/durable-${UUID.randomUUID().toString().substring(0, 8)}")
    control.mkdirs()
    context.folder.mkdirs()
    File script = new File(control, 'script.sh')
    script.setText(args.script as String, 'UTF-8')
    String cookie = "durable-${UUID.randomUUID()}"
    ProcessBuilder builder = new ProcessBuilder(command(script))
    builder.directory(context.folder)
    Map<String, String> environment = builder.environment()
    environment.clear()
    environment.putAll(build.effectiveEnvironment(context))
    environment.put('JENKINS_SERVER_COOKIE', cookie)
    File output = new File(control, 'jenkins-log.txt')
    File separate = new File(control, 'output.txt')
    builder.redirectInput(new File('/dev/null'))
    builder.redirectError(output)
    builder.redirectOutput(args.returnStdout ? separate : ProcessBuilder.Redirect.appendTo(output))
    if (!args.returnStdout) {
      builder.redirectErrorStream(true)
    }
    long giveUp = Long.MAX_VALUE
    Waiting waiting = new Waiting(step: 'sh', slot: slot)
    waiting.stop = {
      build.say('Sending interrupt signal to process')
      giveUp = System.nanoTime() + (build.given.stopSeconds ?: 20) * 1_000_000_000L
      Thread.startDaemon { Processes.terminate('JENKINS_SERVER_COOKIE', cookie) }
    }
    int code = build.vm.release(waiting) {
      Process process = builder.start()
      long[] position = [0L]
      boolean over = false
      while (!over) {
        over = process.waitFor(20, java.util.concurrent.TimeUnit.MILLISECONDS)
        copy(build, output, position, over)
        if (slot.gone) {
          slot.check()
        }
        if (!over && System.nanoTime() > giveUp) {
          build.say("After ${build.given.stopSeconds ?: 20}s process did not stop")
          return -1
        }
      }
      process.exitValue()
    } as int
    String answer = args.returnStdout ? separate.getText('UTF-8') : null
    control.deleteDir()
    if (args.returnStatus) {
      return code
    }
    if (code != 0) {
      throw new AbortException("script returned exit code $code")
    }
    answer
  }

  /** A script with an interpreter of its own is run by that. */
  private static List<String> command(File script) {
    if (script.text.startsWith('#!')) {
      script.executable = true
      return [script.path]
    }
    ['/bin/sh', '-xe', script.path]
  }

  /** Brings what is new of the output to the console, whole lines only, so that no half of a secret passes. */
  private static void copy(Build build, File output, long[] position, boolean all) {
    if (output.length() <= position[0]) {
      return
    }
    byte[] bytes = new byte[(output.length() - position[0]) as int]
    new RandomAccessFile(output, 'r').withCloseable {
      it.seek(position[0])
      it.readFully(bytes)
    }
    int end = bytes.length
    while (!all && end > 0 && bytes[end - 1] != (10 as byte)) {
      end--
    }
    if (end > 0) {
      position[0] += end
      String text = new String(bytes, 0, end, 'UTF-8')
      build.say(text.endsWith('\n') ? text.substring(0, text.length() - 1) : text)
    }
  }
}

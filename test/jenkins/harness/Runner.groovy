package harness

import org.codehaus.groovy.control.CompilationFailedException
import org.codehaus.groovy.control.CompilerConfiguration
import org.codehaus.groovy.control.customizers.ImportCustomizer

/** Runs a Jenkinsfile as one build. */
class Runner {
  private final Map given

  Runner(Map given) {
    this.given = given
  }

  /** Answers the result; `started` gets the build. */
  Map run(Closure started) {
    String job = given.job ?: 'bake-on-commit'
    Controller controller = Controller.of(given.controller as String)
    boolean alone = (given.text ?: new File(given.file as String).text).contains('disableConcurrentBuilds')
    if (alone) {
      controller.enter(job)
    }
    try {
      Build build = new Build(given + [job: job])
      started(build)
      Throwable error = build.vm.run { execute(build) }
      if (error != null) {
        tell(build, error)
      }
      build.worsen(build.stopped)
      return build.finish()
    } finally {
      if (alone) {
        controller.leave(job)
      }
    }
  }

  private void execute(Build build) {
    Context.set(new Context())
    String text = given.text ?: new File(given.file as String).getText('UTF-8')
    CompilerConfiguration settings = new CompilerConfiguration(scriptBaseClass: JenkinsScript.name)
    ImportCustomizer imports = new ImportCustomizer()
    // workflow-cps gives these to every Jenkinsfile.
    imports.addStarImports('com.cloudbees.groovy.cps')
    settings.addCompilationCustomizers(imports, new DeclarativeCheck(build), new WatchTransform(build))
    Binding binding = new Binding(['$build': build])
    JenkinsScript script
    try {
      script = new GroovyShell(Runner.classLoader, binding, settings).parse(text, 'WorkflowScript.groovy') as JenkinsScript
    } catch (CompilationFailedException error) {
      throw new CompileError(error.message)
    }
    Watch.enter(build)
    script.run()
  }

  private static void tell(Build build, Throwable error) {
    if (error instanceof HarnessError) {
      build.harnessError = error.message
    }
    if (error instanceof FlowInterruptedException || error instanceof AbortException) {
      build.say("ERROR: $error.message")
    } else {
      List<StackTraceElement> own = error.stackTrace.findAll { it.fileName == 'WorkflowScript.groovy' }
      build.say(([error] + own.collect { "\tat $it.className.$it.methodName(line $it.lineNumber)" }).join('\n'))
    }
    build.worsen(Results.of(error))
  }
}

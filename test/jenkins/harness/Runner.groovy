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
    boolean alone = texts().any { it.contains('disableConcurrentBuilds') }
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

  /** The Jenkinsfile, and the steps of the libraries that it may load. */
  private List<String> texts() {
    List<File> steps = (given.libraries ?: [:]).values().collectMany { new File(it as String, 'vars').listFiles() as List }
    [given.text ?: new File(given.file as String).getText('UTF-8')] + steps*.getText('UTF-8')
  }

  private void execute(Build build) {
    Context.set(new Context())
    CompilerConfiguration settings = new CompilerConfiguration(scriptBaseClass: JenkinsScript.name)
    ImportCustomizer imports = new ImportCustomizer()
    // workflow-cps and the libraries' plugin give these to every Jenkinsfile.
    imports.addStarImports('com.cloudbees.groovy.cps', 'org.jenkinsci.plugins.workflow.libs')
    settings.addCompilationCustomizers(imports, new DeclarativeCheck(build), new WatchTransform(build))
    Closure compile = { String text, String name ->
      try {
        return new GroovyShell(Runner.classLoader, new Binding(['$build': build]), settings).parse(text, "${name}.groovy") as JenkinsScript
      } catch (CompilationFailedException error) {
        throw new CompileError(error.message)
      }
    }
    build.libraries = new Libraries(given.libraries as Map, { File file -> compile(file.getText('UTF-8'), file.name - '.groovy') })
    settings.addCompilationCustomizers(build.libraries)
    JenkinsScript script = compile(texts()[0], 'WorkflowScript')
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
      List<StackTraceElement> own = error.stackTrace.findAll { it.fileName in ['WorkflowScript.groovy', 'bakehouse.groovy'] }
      build.say(([error] + own.collect { "\tat $it.className.$it.methodName(line $it.lineNumber)" }).join('\n'))
    }
    build.worsen(Results.of(error))
  }
}

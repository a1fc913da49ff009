import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import org.codehaus.groovy.control.CompilerConfiguration

// Runs the job files, the starters and the Jenkinsfile's parameters as the input on stdin asks; all answers are one JSON on stdout.
Map input = new JsonSlurper().parse(System.in, 'UTF-8')
File root = new File(input.root)

Binding run(String name, String source, Class base, Map variables) {
  CompilerConfiguration configuration = new CompilerConfiguration(scriptBaseClass: base.name)
  Binding binding = new Binding(variables)
  new GroovyShell(base.classLoader, binding, configuration).evaluate(source, name)
  binding
}

/** The answer, or what went wrong in its place. */
Map attempt(Closure body) {
  try {
    body.call()
  } catch (Exception problem) {
    [error: "${problem.class.simpleName}: ${problem.message}".toString()]
  }
}

Map starters = input.starters.collectEntries { String name, Map starter ->
  Map variables = [params: starter.params, env: starter.env, scm: starter.scm, answer: starter.answer, stdout: starter.stdout]
  variables += [currentBuild: [:], steps: []]
  Map problem = attempt {
    run('starter.groovy', new File(root, starter.file).getText('US-ASCII'), StarterScript, variables)
    [:]
  }
  Map shown = variables.currentBuild.collectEntries { key, value -> [key, value.toString()] }
  [name, problem + [steps: variables.steps, currentBuild: shown]]
}

Map jobs = input.jobs.collectEntries { String name, Map job ->
  [name, attempt {
    // As Job DSL has it: the file's name becomes that of a class.
    if (!(job.file ==~ /(.*\/)?[A-Za-z_]\w*\.groovy/)) {
      throw new IllegalArgumentException("invalid script name '${job.file}'")
    }
    // The file's name is that of a class, which hides a variable of that name. Bound is what the seed hands over, unless the test says what is bound.
    Map bound = job.bound ?: starters[job.seed].steps.find { it.step == 'jobDsl' }.given.additionalParameters
    String source = job.source ?: new File(root, job.file).getText('UTF-8')
    [made: run(new File(job.file.toString()).name, source, JobScript, bound + [made: [], workspace: root.path]).getVariable('made')]
  }]
}

Map jenkinsfile = attempt {
  String source = new File(root, 'Jenkinsfile').getText('UTF-8')
  [parameters: run('Jenkinsfile', source, DeclarativeScript, [:]).getVariable('parameters')]
}

println JsonOutput.toJson([
  jobs: jobs,
  starters: starters,
  jenkinsfile: jenkinsfile,
  code: input.code.collectEntries { String name, String text -> [name, attempt { Calls.of(text) }] }
])

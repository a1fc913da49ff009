package harness

/** Runs a declarative pipeline as pipeline-model-definition's ModelInterpreter does. */
class Pipeline {
  private final JenkinsScript script
  private final Build build
  private final PipelineSpec spec

  private Pipeline(JenkinsScript script, Closure body) {
    this.script = script
    build = script.$build()
    spec = new PipelineSpec(build, body)
  }

  static Object run(JenkinsScript script, Object[] args) {
    new Pipeline(script, args[0] as Closure).execute()
  }

  Object execute() {
    build.definitions.addAll(spec.parameters)
    build.options.putAll(spec.options)
    // From now on the job has them, too late for the environment of this build if they are new.
    build.controller.define(build.job, spec.parameters)
    Throwable first = null
    boolean posted = false
    try {
      inAgent(spec.agent) {
        inEnvironment(spec.environment) {
          spec.stages.each { StageSpec stage ->
            Throwable error = attempt { evaluate(stage, first) }
            first = first ?: error
          }
          posted = true
          first = attempt { postBuild(first) } ?: first
        }
      }
    } catch (Throwable error) {
      first = first ?: error
    }
    if (!posted) {
      first = attempt { postBuild(first) } ?: first
    }
    if (first != null) {
      throw first
    }
    null
  }

  private static Throwable attempt(Closure body) {
    try {
      body()
      null
    } catch (Throwable error) {
      error
    }
  }

  private void evaluate(StageSpec spec, Throwable earlier) {
    Stage stage = new Stage(name: spec.name)
    build.stages << stage
    Context.during(Context.get().with(stage: stage)) {
      if (earlier != null) {
        stage.skipped = 'failure'
        build.say("Stage \"$spec.name\" skipped due to earlier failure(s)")
        return
      }
      try {
        inTime(spec.options.timeout as Map) {
          if (!wanted(spec)) {
            stage.skipped = 'when'
            build.say("Stage \"$spec.name\" skipped due to when conditional")
            return
          }
          inAgent(spec.agent) {
            inEnvironment(spec.environment) {
              Throwable error = attempt { this.body(spec.steps) }
              error = post(spec.post, error)
              if (error != null) {
                throw error
              }
            }
          }
        }
      } catch (Throwable error) {
        stage.worsen(Results.of(error))
        throw error
      }
    }
  }

  private boolean wanted(StageSpec spec) {
    boolean wanted = true
    if (spec.when != null) {
      List<Closure> expressions = []
      Section.read('when', spec.when) { String name, List args ->
        if (name != 'expression') {
          throw new CompileError("the harness does not know the condition $name in when")
        }
        expressions << (args[0] as Closure)
      }
      wanted = expressions.every { this.body(it) }
    }
    wanted
  }

  private void postBuild(Throwable error) {
    Throwable after = error
    if (!spec.post.isEmpty()) {
      Stage stage = new Stage(name: 'Declarative: Post Actions')
      build.stages << stage
      Context.during(Context.get().with(stage: stage)) {
        after = post(spec.post, error)
        if (after != null && !after.is(error)) {
          stage.worsen(Results.of(after))
        }
      }
    }
    if (after != null) {
      throw after
    }
  }

  /** While a condition's steps run, the result is what it comes to with the error that is on its way. */
  private Throwable post(Map<String, Closure> conditions, Throwable error) {
    Throwable after = error
    PipelineSpec.CONDITIONS.findAll { conditions.containsKey(it) }.each { String name ->
      String original = build.result
      String logical = Results.worst(build.result, after == null ? 'SUCCESS' : Results.of(after))
      Map<String, Boolean> met = [
        always: true, cleanup: true, success: logical == 'SUCCESS', failure: logical == 'FAILURE', aborted: logical == 'ABORTED',
        unstable: logical == 'UNSTABLE', unsuccessful: logical != 'SUCCESS', notBuilt: logical == 'NOT_BUILT',
      ]
      if (!met.containsKey(name)) {
        throw new HarnessError("the harness does not know the post condition $name")
      }
      if (met[name]) {
        build.result = logical
        Throwable thrown = attempt { this.body(conditions[name]) }
        if (thrown != null) {
          build.say("Error when executing $name post condition:\n$thrown")
          after = after ?: thrown
        }
        if (build.result == logical && logical != original) {
          build.result = original
        }
      }
    }
    after
  }

  private Object body(Closure body) {
    Closure copy = body.clone() as Closure
    copy.delegate = script
    copy.resolveStrategy = Closure.DELEGATE_FIRST
    copy.call()
  }

  private Object inTime(Map limit, Closure body) {
    limit == null ? body() : BlockSteps.timeout(build, Context.get(), limit, body)
  }

  private Object inEnvironment(Map<String, String> more, Closure body) {
    if (more.isEmpty()) {
      return body()
    }
    Context context = Context.get()
    Context.during(context.with(overrides: context.overrides + [more]), body)
  }

  private Object inAgent(Object agent, Closure body) {
    if (agent == null || agent == 'none') {
      return body()
    }
    String label = ''
    if (agent instanceof Closure) {
      Section.read('agent', agent) { String name, List args ->
        if (name != 'label') {
          throw new CompileError("the harness does not know the agent $name")
        }
        label = args[0] as String
      }
    }
    NodeStep.node(build, Context.get(), [label: label]) {
      if (!build.options.containsKey('skipDefaultCheckout')) {
        ScmSteps.checkout(build, Context.get(), [scm: script.scm], null)
      }
      body()
    }
  }
}

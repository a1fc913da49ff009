package harness

import org.codehaus.groovy.runtime.InvokerHelper

/** What a Jenkinsfile runs in: its globals, and steps instead of methods. */
abstract class JenkinsScript extends Script {
  Build $build() {
    binding.getVariable('$build') as Build
  }

  Map<String, Object> getParams() {
    $build().params
  }

  Env getEnv() {
    new Env($build())
  }

  CurrentBuild getCurrentBuild() {
    new CurrentBuild($build())
  }

  Object getScm() {
    if ($build().given.scm == null) {
      throw new AbortException('‘checkout scm’ is only available when using “Multibranch Pipeline” or “Pipeline script from SCM”')
    }
    new GitScm([new UserRemoteConfig($build().given.scm.url as String)], $build().given.scm.branch as String)
  }

  void println(Object value) {
    $build().say(String.valueOf(value))
  }

  void println() {
    $build().say('')
  }

  @Override
  Object invokeMethod(String name, Object args) {
    Object[] list = args instanceof Object[] ? args : [args] as Object[]
    if (name == 'pipeline') {
      return Pipeline.run(this, list)
    }
    // What the Jenkinsfile itself defines has been found before.
    Object variable = binding.hasVariable(name) ? binding.getVariable(name) : null
    if (variable instanceof Closure) {
      return variable.call(*list)
    }
    JenkinsScript step = $build().libraries.find(name)
    if (step != null) {
      return InvokerHelper.invokeMethod(step, 'call', list)
    }
    StepCall.invoke(this, name, list)
  }

  /** A variable that is nowhere: on a controller a MissingPropertyException, or a variable of the environment. */
  @Override
  Object getProperty(String name) {
    try {
      return super.getProperty(name)
    } catch (MissingPropertyException missing) {
      String value = $build().effectiveEnvironment(Context.get()).get(name)
      if (value != null) {
        return value
      }
      throw missing
    }
  }
}

/** What `scm` is; nothing of it but this is whitelisted that anybody here needs. */
class GitScm implements Serializable {
  final List<UserRemoteConfig> userRemoteConfigs
  final String branch
  /** None: as a job has them that nobody gave any. */
  final List extensions = []

  GitScm(List<UserRemoteConfig> userRemoteConfigs, String branch) {
    this.userRemoteConfigs = userRemoteConfigs
    this.branch = branch
  }
}

class UserRemoteConfig implements Serializable {
  final String url

  UserRemoteConfig(String url) {
    this.url = url
  }
}

/** `env`: reading sees what a step here would see; writing is for all of the build. */
class Env extends GroovyObjectSupport {
  private final Build build

  Env(Build build) {
    this.build = build
  }

  @Override
  Object getProperty(String name) {
    build.effectiveEnvironment(Context.get()).get(name)
  }

  @Override
  void setProperty(String name, Object value) {
    build.assigned.put(name, String.valueOf(value))
  }
}

/** `currentBuild`, as far as RunWrapper is whitelisted and anybody here needs it. */
class CurrentBuild {
  private final Build build

  CurrentBuild(Build build) {
    this.build = build
  }

  String getResult() {
    build.result
  }

  String getCurrentResult() {
    build.result ?: 'SUCCESS'
  }

  /** A build's result only gets worse. */
  void setResult(String result) {
    build.worsen(Results.check(result, 'result'))
  }

  String getDescription() {
    build.description
  }

  void setDescription(String text) {
    build.description = text
  }

  String getDisplayName() {
    build.displayName
  }

  void setDisplayName(String text) {
    // hudson.model.Run trims it, and an empty one is none.
    build.displayName = text?.trim() ?: "#$build.number"
  }

  int getNumber() {
    build.number
  }

  String getProjectName() {
    build.job
  }

  long getDuration() {
    System.currentTimeMillis() - build.startedMs
  }

  /** Whoever asked for this build by the step `build`. */
  List<CurrentBuild> getUpstreamBuilds() {
    build.given.upstream == null ? [] : [new CurrentBuild(build.given.upstream as Build)]
  }

  boolean resultIsBetterOrEqualTo(String other) {
    Results.ORDER.indexOf(currentResult) <= Results.ORDER.indexOf(other)
  }

  boolean resultIsWorseOrEqualTo(String other) {
    Results.ORDER.indexOf(currentResult) >= Results.ORDER.indexOf(other)
  }
}

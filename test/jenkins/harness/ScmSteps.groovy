package harness

/** `checkout` of git, for real: as the git plugin fetches and checks out. */
class ScmSteps {
  private static final Set KNOWN = ['$class', 'branches', 'userRemoteConfigs', 'extensions', 'doGenerateSubmoduleConfigurations', 'submoduleCfg'] as Set
  private static final Set REMOTE = ['url', 'credentialsId', 'name', 'refspec'] as Set

  static Object checkout(Build build, Context context, Map args, Closure body) {
    Map scm = described(args.scm)
    Set unknown = scm.keySet() - KNOWN + ((scm.userRemoteConfigs as List<Map>)*.keySet().flatten() - REMOTE)
    if (scm.$class != 'GitSCM' || !unknown.empty) {
      throw new IllegalArgumentException("Unknown parameter(s) found for class type 'hudson.plugins.git.GitSCM': $unknown")
    }
    Map remote = (scm.userRemoteConfigs as List<Map>)[0]
    String id = remote.credentialsId
    if (id && !(build.given.credentials ?: [:]).containsKey(id)) {
      build.say("Warning: CredentialId \"$id\" could not be found.")
    }
    // GitSCM expands variables in both.
    Map<String, String> env = build.effectiveEnvironment(context)
    String url = expand(remote.url as String, env)
    String branch = expand((scm.branches as List<Map>)[0].name as String, env)
    Waiting waiting = new Waiting(step: 'checkout', slot: context.slot)
    String commit = build.vm.release(waiting) { fetch(build, context, url, branch) } as String
    [GIT_COMMIT: commit, GIT_BRANCH: branch, GIT_URL: url]
  }

  /** The pipeline's own `scm`, or a map that describes one; also of its remotes. */
  private static Map described(Object scm) {
    Map map = scm instanceof GitScm ? [$class: 'GitSCM', branches: [[name: scm.branch]], userRemoteConfigs: scm.userRemoteConfigs] : scm as Map
    map + [userRemoteConfigs: map.userRemoteConfigs.collect { it instanceof UserRemoteConfig ? [url: it.url] : it }]
  }

  private static String fetch(Build build, Context context, String url, String branch) {
    File folder = context.folder
    folder.mkdirs()
    build.say("Cloning repository $url")
    if (!new File(folder, '.git').exists()) {
      git(build, folder, ['init', '--quiet', '.'])
    }
    git(build, folder, ['config', 'remote.origin.url', url])
    Map fetched = git(build, folder, ['fetch', '--tags', '--force', '--', url, '+refs/heads/*:refs/remotes/origin/*'], false)
    if (fetched.code != 0) {
      build.say("ERROR: Error fetching remote repo 'origin'\nhudson.plugins.git.GitException: Failed to fetch from $url\n$fetched.output")
      throw new AbortException("Error fetching remote repo 'origin'")
    }
    String name = branch.replaceFirst(/^(\*\/|refs\/heads\/|origin\/)/, '')
    String commit = ["refs/remotes/origin/$name", "refs/tags/$name", name].findResult {
      Map found = git(build, folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', "$it^{commit}"], false)
      found.code == 0 ? (found.output as String).trim().readLines().last() : null
    }
    if (commit == null) {
      throw new AbortException("Couldn't find any revision to build. Verify the repository and branch configuration for this job.")
    }
    build.say("Checking out Revision $commit ($branch)")
    git(build, folder, ['checkout', '--quiet', '--force', '--detach', commit])
    commit
  }

  private static Map git(Build build, File folder, List<String> args, boolean must = true) {
    ProcessBuilder builder = new ProcessBuilder((['git'] + args)*.toString())
    builder.directory(folder)
    // Without the files of whoever runs the tests.
    builder.environment().putAll([GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1'])
    builder.redirectErrorStream(true)
    builder.redirectInput(new File('/dev/null'))
    Process process = builder.start()
    String output = process.inputStream.getText('UTF-8')
    int code = process.waitFor()
    if (must && code != 0) {
      build.say("hudson.plugins.git.GitException: Command \"git ${args.join(' ')}\" returned status code $code:\n$output")
      throw new IOException("git ${args[0]}: $output")
    }
    [code: code, output: output]
  }

  /** hudson.Util.replaceMacro: one that is not known stays as it is. */
  static String expand(String text, Map<String, String> env) {
    text.replaceAll(/\$(?:\$|\{([\w.]+)\}|(\w+))/) { all, braces, bare ->
      String name = braces ?: bare
      name == null ? '$' : env.containsKey(name) ? env[name] : all
    }
  }
}

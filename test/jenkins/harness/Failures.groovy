package harness

/** What ends a build that was stopped, or whose agent has gone; as Jenkins' FlowInterruptedException. */
class FlowInterruptedException extends InterruptedException {
  final String result
  final boolean actual

  FlowInterruptedException(String result, String message, boolean actual = true) {
    super(message)
    this.result = result
    this.actual = actual
  }
}

/** A failure that Jenkins tells in one line, as hudson.AbortException. */
class AbortException extends IOException {
  AbortException(String message) {
    super(message)
  }
}

/** Jenkins' CredentialNotFoundException. */
class CredentialNotFoundException extends AbortException {
  CredentialNotFoundException(String message) {
    super(message)
  }
}

/** Jenkins' message for a method that an administrator would have to approve. */
class RejectedAccessException extends SecurityException {
  RejectedAccessException(String what) {
    super("Scripts not permitted to use $what")
  }
}

/** What would hang on a controller, or what only the harness forbids: never caught by a pipeline's own means. */
class HarnessError extends Error {
  HarnessError(String message) {
    super(message)
  }
}

/** A Jenkinsfile that a controller would not begin to run. */
class CompileError extends Error {
  CompileError(String message) {
    super("WorkflowScript: $message")
  }
}

/** Jenkins' order of results, from good to bad. */
class Results {
  static final List<String> ORDER = ['SUCCESS', 'UNSTABLE', 'FAILURE', 'NOT_BUILT', 'ABORTED']

  static String worst(String... results) {
    results.findAll { it != null }.max { ORDER.indexOf(it) } ?: 'SUCCESS'
  }

  static String check(String name, String parameter) {
    if (!ORDER.contains(name)) {
      throw new IllegalArgumentException("$parameter is invalid: $name. Valid options are SUCCESS, UNSTABLE, FAILURE, NOT_BUILT and ABORTED.")
    }
    name
  }

  static String of(Throwable error) {
    error instanceof FlowInterruptedException ? error.result : 'FAILURE'
  }
}

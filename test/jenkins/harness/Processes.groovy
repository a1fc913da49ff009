package harness

/** Jenkins' ProcessTree: it finds processes by a variable of their environment, not by their parents. */
class Processes {
  /** How long one may take after SIGTERM before it is killed, s: hudson.util.ProcessTree's SoftKillWaitSeconds. */
  static final int SOFT_KILL_SECONDS = 120

  /** SIGTERM to each that has the cookie, its children before it, and the next one only when that has ended. */
  static void terminate(String variable, String cookie) {
    long deadline = System.nanoTime() + SOFT_KILL_SECONDS * 1_000_000_000L
    withCookie(variable, cookie).each { terminateTree(it, deadline) }
  }

  static void killHard(String variable, String cookie) {
    List<Long> found = withCookie(variable, cookie)
    // Again until there is none: one may have started another meanwhile.
    for (int round = 0; !found.empty && round < 50; round++) {
      found.each { signal(it, 'KILL') }
      Thread.sleep(20)
      found = withCookie(variable, cookie)
    }
  }

  private static void terminateTree(long pid, long deadline) {
    childrenOf(pid).each { terminateTree(it, deadline) }
    signal(pid, 'TERM')
    while (isThere(pid)) {
      if (System.nanoTime() > deadline) {
        signal(pid, 'KILL')
        return
      }
      Thread.sleep(10)
    }
  }

  /** Groovy 2.4 cannot call ProcessHandle.of, a static method of an interface. */
  private static void signal(long pid, String name) {
    ['/bin/sh', '-c', 'kill -s "$1" "$2" 2>/dev/null', 'sh', name, pid as String].execute().waitFor()
  }

  /** A zombie has ended: who has to wait for it is another question. */
  private static boolean isThere(long pid) {
    try {
      String stat = new File("/proc/$pid/stat").getText('UTF-8')
      stat.substring(stat.lastIndexOf(')') + 2).charAt(0) != ('Z' as char)
    } catch (IOException gone) {
      false
    }
  }

  private static List<Long> all() {
    new File('/proc').list().findAll { it ==~ /\d+/ }*.toLong()
  }

  private static List<Long> withCookie(String variable, String cookie) {
    String wanted = "$variable=$cookie"
    all().findAll { pid ->
      try {
        isThere(pid) && new String(new File("/proc/$pid/environ").bytes, 'ISO-8859-1').split('\0').contains(wanted)
      } catch (IOException gone) {
        false
      }
    }
  }

  private static List<Long> childrenOf(long parent) {
    all().findAll { pid ->
      try {
        String stat = new File("/proc/$pid/stat").getText('UTF-8')
        stat.substring(stat.lastIndexOf(')') + 2).split(' ')[1].toLong() == parent
      } catch (IOException gone) {
        false
      }
    }
  }
}

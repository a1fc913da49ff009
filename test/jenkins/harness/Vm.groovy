package harness

import java.util.concurrent.locks.Condition
import java.util.concurrent.locks.ReentrantLock

/**
 * The one thread in which Jenkins runs all Groovy of a build. Here each branch is a thread of its own, which holds this lock
 * except in a step that takes its time. When nothing in the build can go on any more, it says so instead of waiting.
 */
class Vm {
  final Build build
  private final ReentrantLock lock = new ReentrantLock(true)
  private final Condition changed = lock.newCondition()
  /** Per thread what it waits for, and whether that was asked again since something happened. */
  private final Map<Thread, Map> waiting = [:]
  private int threads = 0
  /** Steps that take their time just now, newest last: what a stop of the build interrupts. */
  private final List<Waiting> running = []

  Vm(Build build) {
    this.build = build
  }

  /** Runs a thread's Groovy. */
  Throwable run(Closure body) {
    lock.lock()
    threads++
    try {
      body()
      null
    } catch (Throwable error) {
      error
    } finally {
      threads--
      changed.signalAll()
      lock.unlock()
    }
  }

  /** Starts a branch; they begin in their order. */
  Thread start(String name, Closure body) {
    Thread thread = new Thread(body, name)
    thread.daemon = true
    thread.start()
    while (thread.alive && !lock.hasQueuedThread(thread)) {
      Thread.sleep(1)
    }
    thread
  }

  /** A step that takes its time, with the lock released; `stop` is called when the build is stopped meanwhile. */
  Object release(Waiting step, Closure body) {
    running << step
    progress()
    lock.unlock()
    try {
      return body()
    } finally {
      lock.lock()
      running.remove(step)
      progress()
      step.check()
    }
  }

  /** Something happened: whoever waits for a condition has to ask again. */
  void progress() {
    waiting.values().each { it.asked = false }
    changed.signalAll()
  }

  /**
   * Waits until `isOver`, which is asked whenever something happened, and anyway after `pollMs`. `kind` says what for:
   * 'executor', 'join', 'lock', or 'outside' for what something else than this build can bring about.
   */
  void await(Closure<String> kind, Waiting step, long pollMs, Closure isOver) {
    running << step
    try {
      while (true) {
        step.check()
        if (isOver()) {
          return
        }
        waiting[Thread.currentThread()] = [kind: kind(), asked: true]
        standstill()
        changed.awaitNanos(pollMs * 1_000_000L)
        waiting.remove(Thread.currentThread())
      }
    } finally {
      waiting.remove(Thread.currentThread())
      running.remove(step)
    }
  }

  /** A wait by the clock alone, for 'condition', which is asked again afterwards, or for 'sleep'. */
  void pause(String kind, Waiting step, long ms) {
    running << step
    Map entry = [kind: kind, asked: kind == 'condition']
    long over = System.nanoTime() + ms * 1_000_000L
    try {
      waiting[Thread.currentThread()] = entry
      while (step.error == null && System.nanoTime() < over) {
        standstill()
        changed.awaitNanos(over - System.nanoTime())
      }
      step.check()
    } finally {
      waiting.remove(Thread.currentThread())
      running.remove(step)
    }
  }

  /** All wait, and none for something that may still come: on a controller this would hang until the timeout. */
  private void standstill() {
    boolean stuck = waiting.size() == threads && waiting.values().every { it.asked && it.kind != 'outside' }
    if (stuck && waiting.values().any { it.kind in ['executor', 'lock'] }) {
      String what = waiting.collect { thread, entry -> "${thread.name} for ${entry.kind}" }.join(', ')
      HarnessError error = new HarnessError("the build cannot go on, a controller would wait for ever: $what")
      running.each { it.error = error }
      build.harnessError = error.message
      changed.signalAll()
    }
  }

  /** Stops what runs just now, or those of it of which `which` is true: only these steps, once, as Jenkins does. */
  void interrupt(Throwable error, Closure which = { true }) {
    List<Waiting> stopped
    lock.lock()
    try {
      // A step around a body is not stopped, its innermost step is.
      stopped = running.findAll { !it.outer && which(it) }.reverse()
      stopped.each { it.error = error }
      changed.signalAll()
    } finally {
      lock.unlock()
    }
    stopped.each { it.stop?.call(error) }
  }

  /** Something outside of the build has changed: an executor is free, a lock, an agent has come back. */
  void nudge() {
    lock.lock()
    try {
      progress()
    } finally {
      lock.unlock()
    }
  }
}

/** A step that waits. */
class Waiting {
  String step
  /** It only waits for what is inside it. */
  boolean outer
  Closure stop
  Slot slot
  final Context context = Context.get()
  volatile Throwable error

  /** Throws what the step was stopped with. */
  void check() {
    if (error != null) {
      throw error
    }
  }
}

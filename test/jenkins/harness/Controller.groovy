package harness

import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import java.nio.channels.FileChannel
import java.nio.channels.FileLock
import java.nio.file.StandardOpenOption

/** What a controller remembers: its folder with jobs, their parameters and builds; and its locks, which other processes respect. */
class Controller {
  private static final Map<String, Controller> ALL = [:]

  final File folder
  /** Jobs with a build that runs and allows no second one. */
  private final Set<String> busy = [] as Set
  private final Map<String, Build> locked = [:]
  private final Map<String, FileChannel> channels = [:]

  private Controller(File folder) {
    this.folder = folder
    new File(folder, 'locks').mkdirs()
  }

  static synchronized Controller of(String folder) {
    if (ALL[folder] == null) {
      ALL[folder] = new Controller(new File(folder))
    }
    ALL[folder]
  }

  File jobFolder(String job) {
    File found = new File(folder, "jobs/$job")
    found.mkdirs()
    found
  }

  synchronized int nextNumber(String job) {
    File file = new File(jobFolder(job), 'nextBuildNumber')
    int number = file.exists() ? file.text.trim().toInteger() : 1
    file.text = "${number + 1}\n"
    number
  }

  /** The definitions that the job's last build left; null before the first one, when the job has no parameters. */
  List<Map> definitions(String job) {
    File file = new File(jobFolder(job), 'parameters.json')
    file.exists() ? new JsonSlurper().parse(file) as List<Map> : null
  }

  void define(String job, List<Map> definitions) {
    new File(jobFolder(job), 'parameters.json').text = JsonOutput.toJson(definitions)
  }

  /** Waits until no other build of the job runs. */
  synchronized void enter(String job) {
    while (!busy.add(job)) {
      wait()
    }
  }

  synchronized void leave(String job) {
    busy.remove(job)
    notifyAll()
  }

  /** Who of this process has one of them, or 'outside' for another process; null: nobody, and now they are taken. */
  synchronized Object tryLock(Build build, List<String> names) {
    Object holder = names.findResult { locked[it] }
    if (holder != null) {
      return holder
    }
    List<String> got = []
    for (String name in names) {
      File file = new File(folder, "locks/${URLEncoder.encode(name, 'UTF-8')}")
      FileChannel channel = FileChannel.open(file.toPath(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)
      FileLock mine = channel.tryLock()
      if (mine == null) {
        channel.close()
        unlock(got)
        return 'outside'
      }
      channels[name] = channel
      locked[name] = build
      got << name
    }
    null
  }

  synchronized void unlock(List<String> names) {
    List<Build> builds = names.collect { locked.remove(it) }
    names.each { channels.remove(it)?.close() }
    (builds + locked.values()).unique().findAll { it != null }
  }
}

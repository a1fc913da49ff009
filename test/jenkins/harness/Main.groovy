package harness

import groovy.json.JsonOutput
import groovy.json.JsonSlurper

/**
 * One controller's process: a line of JSON on stdin is a command, each build that ends is a line on stdout.
 * `{"run": {…}, "id": "1"}`, `{"abort": "1"}`, `{"answer": "1", "user": "anna", "yes": true}`, `{"kill": "root folder of an agent", "back": true}`. It ends with stdin.
 */
class Main {
  static void main(String[] args) {
    PrintStream answers = System.out
    // Whatever else prints must not come between the answers.
    System.out = System.err
    Map<String, Build> builds = Collections.synchronizedMap([:])
    Closure answer = { Map what ->
      synchronized (answers) {
        answers.println(JsonOutput.toJson(what))
        answers.flush()
      }
    }
    System.in.newReader('UTF-8').eachLine { String line ->
      Map command = new JsonSlurper().parseText(line) as Map
      if (command.run) {
        Thread thread = new Thread({
          try {
            Map result = new Runner(command.run as Map).run { Build build ->
              builds[command.id as String] = build
              answer([id: command.id, started: build.folder.path])
            }
            answer([id: command.id, result: result])
          } catch (Throwable error) {
            StringWriter trace = new StringWriter()
            error.printStackTrace(new PrintWriter(trace))
            answer([id: command.id, broken: trace.toString()])
          }
        }, "build-$command.id")
        thread.daemon = true
        thread.start()
      } else if (command.abort) {
        // A stop waits for processes; the next command does not.
        Thread.startDaemon { builds[command.abort as String].abort() }
      } else if (command.answer) {
        builds[command.answer as String].answers << [user: command.user, yes: command.yes]
      } else if (command.kill) {
        Thread.startDaemon { Agent.of([root: command.kill, name: 'agent']).kill(command.back == true) }
      }
      null
    }
    builds.values().each { build -> build.agents*.slots.flatten().each { Slot slot -> Processes.killHard('JENKINS_NODE_COOKIE', slot.cookie) } }
    Runtime.runtime.halt(0)
  }
}

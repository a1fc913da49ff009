/** The pipelineJob block of Job DSL 1.77 (March 2020), less what later versions have removed. Answers itself as a map. */
class PipelineJob extends Context {
  final Map<String, Object> record = [:]

  PipelineJob(String name) {
    record.name = name
  }

  void description(String text) {
    once(record, 'description', text)
  }

  void properties(Closure body) {
    List<String> known = ['disableConcurrentBuilds', 'pipelineTriggers', 'buildDiscarder']
    once(record, 'properties', within(new Describables(known), body).values)
  }

  void parameters(Closure body) {
    once(record, 'parameters', within(new Parameters(), body).list)
  }

  void definition(Closure body) {
    once(record, 'definition', within(new Definition(), body).record)
  }
}

class Parameters extends Context {
  final List<Map<String, Object>> list = []

  void stringParam(String name, String defaultValue, String description) {
    add('string', name, [defaultValue: defaultValue, description: description])
  }

  void booleanParam(String name, boolean defaultValue, String description) {
    add('boolean', name, [defaultValue: defaultValue, description: description])
  }

  void choiceParam(String name, List<String> choices, String description) {
    if (choices.empty || !choices.every { String.isInstance(it) }) {
      throw new IllegalArgumentException("choiceParam ${name}: at least one choice, each a String")
    }
    add('choice', name, [choices: choices, description: description])
  }

  private void add(String kind, String name, Map<String, Object> rest) {
    if (list*.name.contains(name)) {
      throw new IllegalArgumentException("the parameter ${name} is given twice")
    }
    list.add([kind: kind, name: name] + rest)
  }
}

class Definition extends Context {
  final Map<String, Object> record = [:]

  void cps(Closure body) {
    once(record, 'cps', within(new Cps(), body).record)
  }

  void cpsScm(Closure body) {
    once(record, 'cpsScm', within(new CpsScm(), body).record)
  }
}

class Cps extends Context {
  final Map<String, Object> record = [:]

  void script(String text) {
    once(record, 'script', text)
  }

  void sandbox(boolean on = true) {
    once(record, 'sandbox', on)
  }
}

class CpsScm extends Context {
  final Map<String, Object> record = [:]

  void lightweight(boolean on = true) {
    once(record, 'lightweight', on)
  }

  void scriptPath(String path) {
    once(record, 'scriptPath', path)
  }

  void scm(Closure body) {
    once(record, 'scm', within(new Scm(), body).record)
  }
}

class Scm extends Context {
  final Map<String, Object> record = [:]

  void git(Closure body) {
    once(record, 'git', within(new Git(), body).record)
  }
}

class Git extends Context {
  final Map<String, Object> record = [:]

  void branch(String name) {
    once(record, 'branch', name)
  }

  void remote(Closure body) {
    once(record, 'remote', within(new Remote(), body).record)
  }
}

class Remote extends Context {
  final Map<String, Object> record = [:]

  void url(String url) {
    once(record, 'url', url)
  }

  void credentials(String id) {
    once(record, 'credentials', id)
  }
}

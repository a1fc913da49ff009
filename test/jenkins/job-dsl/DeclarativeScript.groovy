/** What a Jenkinsfile is run as to learn its parameters, and nothing else of it. */
abstract class DeclarativeScript extends Script {
  void pipeline(Closure body) {
    binding.setVariable('parameters', Context.within(new Declarative(), body).list)
  }
}

class Declarative extends Context {
  List<Map<String, Object>> list = []

  void parameters(Closure body) {
    list = within(new DeclaredParameters(), body).list
  }

  @Override
  Object methodMissing(String name, Object arguments) {
    null
  }

  @Override
  Object propertyMissing(String name) {
    null
  }
}

class DeclaredParameters extends Context {
  final List<Map<String, Object>> list = []

  void string(Map given) {
    list.add([kind: 'string'] + given)
  }

  void choice(Map given) {
    list.add([kind: 'choice'] + given)
  }

  void booleanParam(Map given) {
    list.add([kind: 'boolean'] + given)
  }
}

/** A block in which some symbols make an object each. */
class Describables extends Context {
  final Map<String, Object> values = [:]
  private final List<String> symbols

  Describables(List<String> symbols) {
    this.symbols = symbols
  }

  @Override
  Object methodMissing(String name, Object arguments) {
    boolean block = arguments.size() == 0 || (arguments.size() == 1 && arguments[0] instanceof Closure)
    if (!block || !symbols.contains(name)) {
      throw new IllegalArgumentException("of ${symbols} one was expected, not ${name}(${arguments.join(', ')})")
    }
    once(values, name, within(new Describable(name), arguments ? arguments[0] : { }).complete())
    null
  }
}

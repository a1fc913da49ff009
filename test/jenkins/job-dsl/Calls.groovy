import org.codehaus.groovy.ast.CodeVisitorSupport
import org.codehaus.groovy.ast.expr.CastExpression
import org.codehaus.groovy.ast.expr.ClassExpression
import org.codehaus.groovy.ast.expr.ConstantExpression
import org.codehaus.groovy.ast.expr.ConstructorCallExpression
import org.codehaus.groovy.ast.expr.Expression
import org.codehaus.groovy.ast.expr.MapExpression
import org.codehaus.groovy.ast.expr.MethodCallExpression
import org.codehaus.groovy.ast.expr.MethodPointerExpression
import org.codehaus.groovy.ast.expr.PropertyExpression
import org.codehaus.groovy.ast.expr.TupleExpression
import org.codehaus.groovy.control.CompilationUnit
import org.codehaus.groovy.control.Phases

/** What a text of Groovy calls, read from its syntax: what a sandbox would have to allow, and what reaches a shell. */
class Calls extends CodeVisitorSupport {
  private static final List<String> SHELLS = ['sh', 'bat', 'powershell', 'pwsh', 'evaluate', 'load', 'step']

  final List<String> steps = []
  final List<String> methods = []
  final List<String> properties = []
  final List<String> classes = []
  /** Arguments of a shell that are not literals. */
  final List<String> assembled = []

  /** Throws where the text is no Groovy of Jenkins' version. */
  static Map<String, Object> of(String source) {
    CompilationUnit unit = new CompilationUnit()
    unit.addSource('source', source)
    unit.compile(Phases.CONVERSION)
    Calls calls = new Calls()
    unit.AST.modules.each { module ->
      calls.classes.addAll(module.imports*.className + module.starImports*.packageName + module.staticImports.keySet())
      module.statementBlock.visit(calls)
      module.methods.each { method -> method.code.visit(calls) }
    }
    Map<String, Object> found = ['steps', 'methods', 'properties', 'classes', 'assembled'].collectEntries { name ->
      [name, calls[name].unique().sort()]
    }
    found + [ascii: source.every { letter -> letter < '\u0080' }]
  }

  @Override
  void visitMethodCallExpression(MethodCallExpression call) {
    String name = call.methodAsString ?: "dynamic: ${call.method.text}"
    (call.implicitThis ? steps : methods).add(name)
    if (SHELLS.contains(name)) {
      texts(call.arguments).findAll { text -> !(text instanceof ConstantExpression) }.each { text ->
        assembled.add("line ${text.lineNumber}: ${text.text}".toString())
      }
    }
    super.visitMethodCallExpression(call)
  }

  @Override
  void visitPropertyExpression(PropertyExpression property) {
    properties.add(property.propertyAsString ?: "dynamic: ${property.property.text}".toString())
    super.visitPropertyExpression(property)
  }

  @Override
  void visitConstructorCallExpression(ConstructorCallExpression call) {
    classes.add(call.type.name)
    super.visitConstructorCallExpression(call)
  }

  @Override
  void visitClassExpression(ClassExpression expression) {
    classes.add(expression.type.name)
  }

  @Override
  void visitCastExpression(CastExpression cast) {
    classes.add(cast.type.name)
    super.visitCastExpression(cast)
  }

  @Override
  void visitMethodPointerExpression(MethodPointerExpression pointer) {
    methods.add("pointer: ${pointer.methodName.text}".toString())
  }

  /** All values given to a call, named or not. */
  private static List<Expression> texts(Expression arguments) {
    List<Expression> given = arguments instanceof TupleExpression ? arguments.expressions : [arguments]
    given.collectMany { it instanceof MapExpression ? it.mapEntryExpressions*.valueExpression : [it] }
  }
}

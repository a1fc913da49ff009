package harness

import org.codehaus.groovy.ast.ClassNode
import org.codehaus.groovy.ast.CodeVisitorSupport
import org.codehaus.groovy.ast.expr.ClosureExpression
import org.codehaus.groovy.ast.expr.ConstantExpression
import org.codehaus.groovy.ast.expr.Expression
import org.codehaus.groovy.ast.expr.MapExpression
import org.codehaus.groovy.ast.expr.MethodCallExpression
import org.codehaus.groovy.ast.expr.TupleExpression
import org.codehaus.groovy.ast.stmt.BlockStatement
import org.codehaus.groovy.ast.stmt.ExpressionStatement
import org.codehaus.groovy.ast.stmt.ReturnStatement
import org.codehaus.groovy.ast.stmt.Statement
import org.codehaus.groovy.classgen.GeneratorContext
import org.codehaus.groovy.control.CompilePhase
import org.codehaus.groovy.control.SourceUnit
import org.codehaus.groovy.control.customizers.CompilationCustomizer

/** What the declarative parser refuses in `steps` and post conditions, and the rule that a shell text is one literal. */
class DeclarativeCheck extends CompilationCustomizer {
  private final Build build

  DeclarativeCheck(Build build) {
    super(CompilePhase.SEMANTIC_ANALYSIS)
    this.build = build
  }

  @Override
  void call(SourceUnit source, GeneratorContext context, ClassNode type) {
    Finder finder = new Finder(build)
    // Once, with the script's class; the methods that it defines belong to it.
    type.methods.findAll { it.code != null }.each { it.code.visit(finder) }
  }

  private static class Finder extends CodeVisitorSupport {
    private final Build build

    Finder(Build build) {
      this.build = build
    }

    @Override
    void visitMethodCallExpression(MethodCallExpression call) {
      String name = call.methodAsString
      if (name == 'sh') {
        literal(call)
      }
      if (call.implicitThis && (name == 'steps' || PipelineSpec.CONDITIONS.contains(name)) && body(call) != null) {
        judge(body(call), name)
      }
      super.visitMethodCallExpression(call)
    }

    private static ClosureExpression body(MethodCallExpression call) {
      List<Expression> args = call.arguments instanceof TupleExpression ? (call.arguments as TupleExpression).expressions : []
      args.empty || !(args.last() instanceof ClosureExpression) ? null : args.last() as ClosureExpression
    }

    private void literal(MethodCallExpression call) {
      Expression first = (call.arguments as TupleExpression).expressions[0]
      if (first instanceof MapExpression) {
        first = (first as MapExpression).mapEntryExpressions.find { it.keyExpression.text == 'script' }?.valueExpression
      }
      if (!(first instanceof ConstantExpression)) {
        build.rejected << "line $call.lineNumber: the text of sh is not one literal".toString()
      }
    }

    /** Only steps, with blocks that are of steps, too, unless it is a script block. */
    private void judge(ClosureExpression closure, String where) {
      List<Statement> statements = closure.code instanceof BlockStatement ? (closure.code as BlockStatement).statements : [closure.code]
      if (statements.empty) {
        throw new CompileError("No steps specified for branch ($where)")
      }
      statements.each { Statement statement ->
        Expression expression = statement instanceof ExpressionStatement ? (statement as ExpressionStatement).expression :
          statement instanceof ReturnStatement ? (statement as ReturnStatement).expression : null
        if (!(expression instanceof MethodCallExpression)) {
          throw new CompileError("$statement.lineNumber: Expected a step in $where")
        }
        MethodCallExpression call = expression as MethodCallExpression
        if (!call.implicitThis) {
          throw new CompileError("$statement.lineNumber: Method calls on objects not allowed outside \"script\" blocks.")
        }
        if (call.methodAsString != 'script' && body(call) != null) {
          judge(body(call), call.methodAsString)
        }
      }
    }
  }
}

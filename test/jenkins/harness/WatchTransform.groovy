package harness

import org.codehaus.groovy.ast.ClassCodeExpressionTransformer
import org.codehaus.groovy.ast.ClassHelper
import org.codehaus.groovy.ast.ClassNode
import org.codehaus.groovy.ast.MethodNode
import org.codehaus.groovy.ast.expr.ArgumentListExpression
import org.codehaus.groovy.ast.expr.ArrayExpression
import org.codehaus.groovy.ast.expr.AttributeExpression
import org.codehaus.groovy.ast.expr.BinaryExpression
import org.codehaus.groovy.ast.expr.ClassExpression
import org.codehaus.groovy.ast.expr.ClosureExpression
import org.codehaus.groovy.ast.expr.ConstantExpression
import org.codehaus.groovy.ast.expr.ConstructorCallExpression
import org.codehaus.groovy.ast.expr.Expression
import org.codehaus.groovy.ast.expr.MethodCallExpression
import org.codehaus.groovy.ast.expr.MethodPointerExpression
import org.codehaus.groovy.ast.expr.PropertyExpression
import org.codehaus.groovy.ast.expr.SpreadExpression
import org.codehaus.groovy.ast.expr.StaticMethodCallExpression
import org.codehaus.groovy.ast.expr.TupleExpression
import org.codehaus.groovy.classgen.GeneratorContext
import org.codehaus.groovy.control.CompilePhase
import org.codehaus.groovy.control.SourceUnit
import org.codehaus.groovy.control.customizers.CompilationCustomizer

/**
 * Sends every call and property on an object through {@link Watch}, as groovy-sandbox does. Calls without an object are steps
 * and the Jenkinsfile's own methods; they stay as they are.
 */
class WatchTransform extends CompilationCustomizer {
  private final Build build

  WatchTransform(Build build) {
    super(CompilePhase.CANONICALIZATION)
    this.build = build
  }

  @Override
  void call(SourceUnit source, GeneratorContext context, ClassNode type) {
    new Visitor(source, build).visitClass(type)
  }

  private static class Visitor extends ClassCodeExpressionTransformer {
    private static final ClassNode WATCH = ClassHelper.make(Watch)
    private final SourceUnit source
    private final Build build

    Visitor(SourceUnit source, Build build) {
      this.source = source
      this.build = build
    }

    @Override
    protected SourceUnit getSourceUnit() {
      source
    }

    @Override
    protected void visitConstructorOrMethod(MethodNode node, boolean isConstructor) {
      // Constructors, `main` and the like are the compiler's.
      if (!isConstructor && !node.synthetic && node.name != 'main') {
        super.visitConstructorOrMethod(node, isConstructor)
      }
    }

    @Override
    Expression transform(Expression expression) {
      if (expression instanceof ClosureExpression) {
        (expression as ClosureExpression).code.visit(this)
        return expression
      }
      if (expression instanceof MethodCallExpression) {
        return call(expression as MethodCallExpression)
      }
      if (expression instanceof StaticMethodCallExpression) {
        reject(expression, "staticMethod ${expression.ownerType.name} $expression.method")
      }
      if (expression instanceof AttributeExpression || expression instanceof MethodPointerExpression) {
        reject(expression, expression instanceof AttributeExpression ? ".@$expression.propertyAsString" : ".&$expression.methodName.text")
      }
      if (expression instanceof ConstructorCallExpression && !Allowed.NEW.contains(expression.type.name)) {
        reject(expression, "new ${expression.type.name}")
      }
      if (expression?.class == BinaryExpression && (expression as BinaryExpression).operation.text == '=') {
        return assignment(expression as BinaryExpression)
      }
      if (expression instanceof PropertyExpression) {
        PropertyExpression property = expression as PropertyExpression
        return watch('get', property, [transform(property.objectExpression), transform(property.property), flag(property.safe)])
      }
      expression?.transformExpression(this)
    }

    private Expression call(MethodCallExpression call) {
      if (call.implicitThis) {
        MethodCallExpression same = new MethodCallExpression(call.objectExpression, call.method, transform(call.arguments))
        same.implicitThis = true
        same.sourcePosition = call
        same.safe = call.safe
        return same
      }
      List<Expression> args = call.arguments instanceof TupleExpression ? (call.arguments as TupleExpression).expressions : [call.arguments]
      if (args.any { it instanceof SpreadExpression } || call.spreadSafe) {
        reject(call, "a spread call of $call.methodAsString")
        return call
      }
      if (call.objectExpression instanceof ClassExpression) {
        String name = "staticMethod ${call.objectExpression.type.name} $call.methodAsString"
        if (!Allowed.STATIC.contains(name)) {
          reject(call, name)
        }
      }
      Expression array = new ArrayExpression(ClassHelper.OBJECT_TYPE, args.collect { transform(it) })
      watch('call', call, [transform(call.objectExpression), transform(call.method), array, flag(call.safe)])
    }

    private Expression assignment(BinaryExpression set) {
      if (set.leftExpression.class == PropertyExpression) {
        PropertyExpression left = set.leftExpression as PropertyExpression
        return watch('set', set, [transform(left.objectExpression), transform(left.property), transform(set.rightExpression)])
      }
      BinaryExpression same = new BinaryExpression(set.leftExpression, set.operation, transform(set.rightExpression))
      same.sourcePosition = set
      same
    }

    private static Expression flag(boolean value) {
      new ConstantExpression(value)
    }

    private static Expression watch(String method, Expression from, List<Expression> args) {
      StaticMethodCallExpression made = new StaticMethodCallExpression(WATCH, method, new ArgumentListExpression(args))
      made.sourcePosition = from
      made
    }

    private void reject(Expression at, String what) {
      build.rejected << "line $at.lineNumber: $what".toString()
    }
  }
}

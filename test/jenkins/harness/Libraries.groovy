package harness

import org.codehaus.groovy.ast.AnnotatedNode
import org.codehaus.groovy.ast.ClassNode
import org.codehaus.groovy.ast.CodeVisitorSupport
import org.codehaus.groovy.ast.expr.DeclarationExpression
import org.codehaus.groovy.classgen.GeneratorContext
import org.codehaus.groovy.control.CompilePhase
import org.codehaus.groovy.control.SourceUnit
import org.codehaus.groovy.control.customizers.CompilationCustomizer

/**
 * The shared libraries of a controller, each a folder that has `vars/`. `@Library` gives a Jenkinsfile the steps of one: a file
 * of vars/ is a script that is never run, but made once for each build, and called by its name (UserDefinedGlobalVariable).
 */
class Libraries extends CompilationCustomizer {
  private final Map<String, String> known
  private final Closure<JenkinsScript> compile
  private final Map<String, JenkinsScript> made = [:]
  private final List<String> loaded = []

  Libraries(Map<String, String> known, Closure<JenkinsScript> compile) {
    super(CompilePhase.CONVERSION)
    this.known = known ?: [:]
    this.compile = compile
  }

  @Override
  void call(SourceUnit source, GeneratorContext context, ClassNode type) {
    Closure load = { AnnotatedNode node ->
      node.annotations.findAll { it.classNode.nameWithoutPackage == 'Library' }.each { load(it.members.value.text) }
    }
    source.AST.statementBlock.visit(new CodeVisitorSupport() {
      @Override
      void visitDeclarationExpression(DeclarationExpression declaration) {
        load(declaration)
      }
    })
  }

  private void load(String name) {
    // LibraryAdder, word for word.
    if (!known.containsKey(name)) {
      throw new CompileError("Loading libraries failed\nERROR: Could not find any definition of libraries [$name]")
    }
    loaded << name
  }

  /** The script of vars/ that has this name; null where no loaded library has one. */
  JenkinsScript find(String name) {
    File file = loaded.collect { new File(known[it], "vars/${name}.groovy") }.find { it.exists() }
    if (file != null && !made.containsKey(name)) {
      made[name] = compile(file)
    }
    made[name]
  }
}

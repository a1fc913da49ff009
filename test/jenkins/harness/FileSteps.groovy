package harness

import java.nio.file.Files
import java.nio.file.LinkOption
import java.nio.file.Path
import java.nio.file.StandardCopyOption
import java.util.stream.Collectors
import org.apache.tools.ant.DirectoryScanner

/** Steps on files of the workspace. */
class FileSteps {
  /** A path as hudson.FilePath resolves it: an absolute one stands for itself. */
  static File within(Context context, String path) {
    new File(path).absolute ? new File(path) : new File(context.folder, path).toPath().normalize().toFile()
  }

  /** The files that Ant's patterns choose, as paths below the folder. */
  static List<String> scan(File folder, String includes, String excludes, boolean defaults) {
    if (!folder.directory) {
      return []
    }
    DirectoryScanner scanner = new DirectoryScanner(basedir: folder)
    Closure list = { String text -> text?.trim() ? text.split(/\s*,\s*/)*.trim().findAll { it } as String[] : null }
    scanner.includes = list(includes) ?: ['**'] as String[]
    if (list(excludes) != null) {
      scanner.excludes = list(excludes)
    }
    if (defaults) {
      scanner.addDefaultExcludes()
    }
    scanner.scan()
    scanner.includedFiles.toList().sort()
  }

  /** Copies with times and rights, as tar does. */
  static void copy(File from, File to) {
    to.parentFile.mkdirs()
    Files.copy(from.toPath(), to.toPath(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES)
  }

  private static File stashFolder(Build build, String name) {
    // jenkins.model.Jenkins.checkGoodName
    if (!name || name in ['.', '..'] || name =~ /[?*\/\\%!@#$^&|<>\[\]:;]/) {
      throw new IllegalArgumentException("‘${name}’ is no good name of a stash")
    }
    new File(build.folder, "stashes/$name")
  }

  static Object stash(Build build, Context context, Map args, Closure body) {
    File storage = stashFolder(build, args.name as String)
    if (storage.exists()) {
      build.say("Warning: overwriting stash ‘${args.name}’")
      storage.deleteDir()
    }
    List<String> files = scan(context.folder, args.includes as String, args.excludes as String, args.useDefaultExcludes != false)
    if (files.empty && !args.allowEmpty) {
      throw new AbortException("No files included in stash ‘${args.name}’")
    }
    storage.mkdirs()
    files.each { copy(new File(context.folder, it), new File(storage, it)) }
    build.say("Stashed ${files.size()} file(s)")
    build.steps[-1].bytes = files.collect { new File(context.folder, it).length() }.sum() ?: 0
    null
  }

  static Object unstash(Build build, Context context, Map args, Closure body) {
    File storage = stashFolder(build, args.name as String)
    if (!storage.exists()) {
      throw new AbortException("No such saved stash ‘${args.name}’")
    }
    context.folder.mkdirs()
    scan(storage, null, null, false).each { copy(new File(storage, it), new File(context.folder, it)) }
    null
  }

  static Object deleteDir(Build build, Context context, Map args, Closure body) {
    Path top = context.folder.toPath()
    if (Files.exists(top, LinkOption.NOFOLLOW_LINKS)) {
      // Deepest first; a link is taken away, not what it points at.
      List<Path> all = Files.walk(top).collect(Collectors.toList())
      all.sort(false).reverse().each { Files.delete(it) }
    }
    null
  }

  static Object fileExists(Build build, Context context, Map args, Closure body) {
    within(context, args.file as String).exists()
  }

  static Object readFile(Build build, Context context, Map args, Closure body) {
    within(context, args.file as String).getText((args.encoding ?: 'UTF-8') as String)
  }

  static Object writeFile(Build build, Context context, Map args, Closure body) {
    File file = within(context, args.file as String)
    file.parentFile.mkdirs()
    file.setText(args.text as String, (args.encoding ?: 'UTF-8') as String)
    null
  }

  static Object pwd(Build build, Context context, Map args, Closure body) {
    args.tmp ? "${context.folder.path}@tmp".toString() : context.folder.path
  }

  static Object isUnix(Build build, Context context, Map args, Closure body) {
    true
  }
}

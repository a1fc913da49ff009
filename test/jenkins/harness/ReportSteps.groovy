package harness

import javax.xml.parsers.DocumentBuilderFactory
import org.w3c.dom.Element
import org.w3c.dom.NodeList

/** `junit` and `archiveArtifacts`. */
class ReportSteps {
  /** Files older than the build, by more than this, are those of an earlier one: hudson.tasks.junit.TestResult. */
  private static final long STALE_MS = 3_000

  static Object junit(Build build, Context context, Map args, Closure body) {
    build.say('Recording test results')
    List<String> files = FileSteps.scan(context.folder, args.testResults as String, null, true)
    if (files.empty) {
      if (args.allowEmptyResults) {
        build.say('None of the test reports contained any result')
        return [totalCount: 0, failCount: 0]
      }
      throw new AbortException('No test report files were found. Configuration error?')
    }
    List<String> fresh = files.findAll { new File(context.folder, it).lastModified() + STALE_MS > build.startedMs }
    if (fresh.empty) {
      throw new AbortException("Test reports were found but none of them are new. Did leafNodes run? \nFor example, ${files[0]}")
    }
    List<Map> cases = fresh.collectMany { read(it, new File(context.folder, it)) }
    if (cases.empty && !args.allowEmptyResults && build.result != 'FAILURE') {
      throw new AbortException('None of the test reports contained any result')
    }
    build.cases.addAll(cases)
    int failed = cases.count { it.status == 'failed' }
    if (failed > 0) {
      context.stage?.worsen('UNSTABLE')
      if (!args.skipMarkingBuildUnstable) {
        build.worsen('UNSTABLE')
      }
    }
    [totalCount: cases.size(), failCount: failed]
  }

  private static List<Map> read(String name, File file) {
    Element top
    try {
      top = DocumentBuilderFactory.newInstance().newDocumentBuilder().with { errorHandler = null; parse(file) }.documentElement
    } catch (org.xml.sax.SAXException error) {
      // As Jenkins: a file that is no XML is a failed test.
      return [[file: name, suite: name, className: name, name: '[failed-to-read]', status: 'failed', message: error.message]]
    }
    List<Element> suites = top.tagName == 'testsuite' ? [top] : elements(top, 'testsuite')
    suites.collectMany { suite ->
      elements(suite, 'testcase').findAll { it.parentNode.is(suite) }.collect { one ->
        List<Element> bad = elements(one, 'failure') + elements(one, 'error')
        boolean skipped = !elements(one, 'skipped').empty
        [
          file: name, suite: suite.getAttribute('name'), className: one.getAttribute('classname'), name: one.getAttribute('name'),
          status: bad.empty ? (skipped ? 'skipped' : 'passed') : 'failed',
          message: bad.empty ? null : "${bad[0].getAttribute('message')}\n${bad[0].textContent}".toString().trim(),
        ]
      }
    }
  }

  private static List<Element> elements(Element parent, String name) {
    NodeList list = parent.getElementsByTagName(name)
    (0..<list.length).collect { list.item(it) as Element }
  }

  static Object archiveArtifacts(Build build, Context context, Map args, Closure body) {
    build.say('Archiving artifacts')
    if (!args.artifacts) {
      throw new AbortException('No artifacts are configured for archiving.\nYou probably forgot to set the file pattern.')
    }
    List<String> files = FileSteps.scan(context.folder, args.artifacts as String, args.excludes as String, args.defaultExcludes != false)
    if (files.empty) {
      if (!args.allowEmptyArchive) {
        throw new AbortException("No artifacts found that match the file pattern \"$args.artifacts\". Configuration error?")
      }
      build.say("No artifacts found that match the file pattern \"$args.artifacts\". Configuration error?")
    }
    files.each {
      FileSteps.copy(new File(context.folder, it), new File(build.folder, "archive/$it"))
      build.archived << it
    }
    null
  }
}

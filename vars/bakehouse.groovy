// Bakehouse's pipeline as a step of a shared library (docs/jenkins.md). `npm run format` makes it of Jenkinsfile and jobs/install.sh.
import groovy.json.JsonSlurper
import groovy.transform.Field

@Field Map buildFile = [name: '', description: '', bake: [], lock: [], cleanupLocks: [], promoteLocks: [], promote: 'no', question: '', parallel: 1]

@Field List stashes = []

/* groovylint-disable-next-line MethodSize */
def call(Object given = [:]) {
  Map settings = [
    keep: '', manifestsUrl: '', manifestsRef: '', manifestsDir: '', manifestsCredentials: '',
    awsCredentials: '', agent: 'bakehouse', parallel: '4', promote: 'no', branch: 'main',
    nodes: 'nodes.yaml', manifests: 'templates/environment', approvers: '', archive: '',
  ]
  List wrong = given instanceof Map ? [] : ["arguments have names, such as nodes: 'infra/nodes.yaml'"]
  for (String name in (wrong ? [] : given.keySet())) {
    if (settings[name] == null) {
      wrong << "${name} is no argument"
    } else if (given[name] instanceof CharSequence) {
      settings[name] = given[name].toString()
    } else {
      wrong << "${name} is no text in quotes"
    }
  }
  if (wrong) {
    error("bakehouse: ${wrong.join('; ')}; the arguments are ${settings.keySet().sort().join(', ')}")
  }

  pipeline {
    agent none
    parameters {
      string(name: 'NODES', defaultValue: '', description: 'Nodes of nodes.yaml, separated by spaces. Empty: all nodes.')
      booleanParam(name: 'FORCE', defaultValue: false, description: 'Bake these nodes also when nothing has changed.')
      booleanParam(name: 'DRY_RUN', defaultValue: false, description: 'Plan only: show what would be baked.')
      string(name: 'KEEP', defaultValue: "${settings.keep}", description: 'Verified images to keep of each node without keep in nodes.yaml. Empty: 5.')
      string(name: 'REASON', defaultValue: '', description: 'Why; shown in the list of builds.')
      string(name: 'MANIFESTS_URL', defaultValue: "${settings.manifestsUrl}", description: 'Git repository of the Puppet manifests. Empty: this repository.')
      string(name: 'MANIFESTS_REF', defaultValue: "${settings.manifestsRef}", description: 'Branch, tag or commit of the manifests. Empty: main, or the commit of this job.')
      string(name: 'MANIFESTS_DIR', defaultValue: "${settings.manifestsDir}", description: 'Folder of the Puppet environment there. Empty: its root, or BAKEHOUSE_MANIFESTS.')
      string(name: 'MANIFESTS_CREDENTIALS', defaultValue: "${settings.manifestsCredentials}", description: 'Id of the credential for that repository. Empty: none.')
      string(name: 'AWS_CREDENTIALS', defaultValue: "${settings.awsCredentials}", description: "Id of a username and password credential: an AWS key. Empty: the agent's role.")
      string(name: 'AGENT', defaultValue: "${settings.agent}", description: 'Label of the agents.')
      string(name: 'PARALLEL', defaultValue: "${settings.parallel}", description: 'Nodes to bake at the same time.')
      choice(name: 'PROMOTE', choices: [settings.promote, 'no', 'yes', 'ask'].unique(), description: 'Put verified images into service; ask: if somebody approves.')
      booleanParam(name: 'CLEANUP_ONLY', defaultValue: false, description: 'Do not bake: clean up old images, and leftovers of ended builds.')
      booleanParam(name: 'APPLY', defaultValue: false, description: 'With CLEANUP_ONLY: delete. Otherwise only show what would be deleted.')
    }
    options {
      disableConcurrentBuilds()
      buildDiscarder(logRotator(numToKeepStr: '50'))
      skipDefaultCheckout()
    }
    environment {
      CI = 'true'
      BAKEHOUSE_BRANCH = "${settings.branch}"
      BAKEHOUSE_NODES = "${settings.nodes}"
      BAKEHOUSE_MANIFESTS = "${settings.manifests}"
      BAKEHOUSE_APPROVERS = "${settings.approvers}"
      BAKEHOUSE_ARCHIVE = "${settings.archive}"
    }
    stages {
      stage('Plan') {
        options { timeout(time: 1, unit: 'HOURS') }
        steps {
          script {
            env.HANDED_OVER = "${currentBuild.upstreamBuilds.size() > 0}"
            onAgent {
              sh(label: 'check', script: 'exec node_modules/.bin/bakehouse jenkins check')
              manifests()
              goOn('FAILURE') { withAws { sh(label: 'plan', script: 'exec node_modules/.bin/bakehouse jenkins plan') } }
              sh(label: 'fan out', script: 'exec node_modules/.bin/bakehouse jenkins fan-out')
              readBuildFile()
              send('plan', 'plan.json, reports/plan.junit.xml')
            }
          }
        }
      }
      stage('Bake') {
        options { timeout(time: 6, unit: 'HOURS') }
        when { expression { buildFile.bake } }
        steps {
          script {
            int busy = 0
            Map branches = [:]
            buildFile.bake.each { String name ->
              branches[name] = {
                waitUntil(quiet: true) { busy < buildFile.parallel && ++busy > 0 }
                try {
                  goOn('FAILURE') { locked(["bakehouse-${name}".toString()]) { onAgent { bake(name) } } }
                } finally {
                  busy--
                }
              }
            }
            parallel branches
          }
        }
      }
      stage('Promote') {
        options { timeout(time: 8, unit: 'HOURS') }
        when { expression { buildFile.promote != 'no' } }
        steps { script { if (buildFile.promote == 'yes' || isApproved()) { promote() } } }
      }
      stage('Cleanup') {
        options { timeout(time: 1, unit: 'HOURS') }
        when { expression { buildFile.lock } }
        steps {
          script {
            locked(buildFile.cleanupLocks) {
              onAgent {
                gather()
                goOn('UNSTABLE') { withAws { sh(label: 'cleanup', script: 'exec node_modules/.bin/bakehouse jenkins cleanup') } }
                dir('results') { send('cleanup', 'reports/cleanup.json') }
              }
            }
          }
        }
      }
    }
    post { always { script { if (env.BAKEHOUSE_COMMIT) { finish() } } } }
  }
}

def bake(String name) {
  manifests()
  unstash('plan')
  withEnv(["BAKEHOUSE_NODE=${name}"]) {
    try {
      withAws {
        goOn('FAILURE') {
          sh(label: 'generate', script: 'exec node_modules/.bin/bakehouse jenkins generate')
          sh(label: 'build', script: 'exec node_modules/.bin/bakehouse jenkins build')
        }
        sh(label: 'verify', script: 'exec node_modules/.bin/bakehouse jenkins verify')
      }
    } finally {
      goOn('FAILURE') { send("bake-${name}", "packs/${name}.json, reports/${name}/**") }
    }
  }
}

def promote() {
  locked(buildFile.promoteLocks) {
    onAgent {
      gather()
      goOn('FAILURE') { withAws { sh(label: 'promote', script: 'exec node_modules/.bin/bakehouse jenkins promote') } }
      dir('results') { send('promote', 'reports/*/promote.json') }
      if (buildFile.promote == 'ask' && !env.BAKEHOUSE_APPROVER) {
        sh(label: 'ask', script: 'exec node_modules/.bin/bakehouse jenkins ask')
        readBuildFile()
      }
    }
  }
}

boolean isApproved() {
  promote()
  if (!buildFile.question) {
    return false
  }
  Map question = [message: buildFile.question, ok: 'Promote', submitter: env.BAKEHOUSE_APPROVERS, submitterParameter: 'approver']
  boolean open = true
  parallel(
    ask: {
      try {
        timeout(time: 4, unit: 'HOURS') { env.BAKEHOUSE_APPROVER = input(question) ?: 'somebody' }
      } catch (InterruptedException noAnswer) {
        echo('not approved: nothing is promoted')
      } finally {
        open = false
      }
    },
    stop: { waitUntil(quiet: true) { !open } }
  )
  return env.BAKEHOUSE_APPROVER != null
}

def finish() {
  timeout(time: 30, unit: 'MINUTES') {
    onAgent(true) {
      goOn('FAILURE') { gather() }
      goOn('UNSTABLE') { withAws { sh(label: 'leftovers', script: 'exec node_modules/.bin/bakehouse jenkins leftovers') } }
      goOn('UNSTABLE') { withAws { sh(label: 'report', script: 'exec node_modules/.bin/bakehouse jenkins report') } }
      goOn('FAILURE') { sh(label: 'summary', script: 'exec node_modules/.bin/bakehouse jenkins summary') }
      dir('results') {
        goOn('FAILURE') { junit(testResults: 'reports/plan.junit.xml, reports/*/junit.xml', allowEmptyResults: true) }
        goOn('FAILURE') { archiveArtifacts(artifacts: '**', allowEmptyArchive: true) }
      }
      goOn('FAILURE') { readBuildFile() }
    }
  }
}

def onAgent(boolean anyway = false, Closure body) {
  String agent = params.AGENT ?: 'bakehouse'
  if (!agent.matches('(?!(built-in|master)$)[A-Za-z0-9][A-Za-z0-9_.-]*')) {
    error("parameter AGENT is not the label of an agent: one word of letters, digits and _ . -, and not the controller's")
  }
  List defaults = env.CLEANUP_ONLY || env.HANDED_OVER == 'true' ? [] : params.collect { name, value -> "${name}=${value}".toString() }
  Closure ready = { anyway ? goOn('FAILURE') { prepare() } : prepare(); body() }
  node(agent) { withEnv(defaults) { optional({ inner -> timestamps(inner) }, ready) } }
}

def prepare() {
  if (env.BAKEHOUSE_COMMIT) {
    Object own = env.BRANCH_NAME ? scm : gitAt(env.BAKEHOUSE_COMMIT, scm.userRemoteConfigs) + [extensions: scm.extensions]
    checkout(changelog: false, poll: false, scm: own)
  } else {
    env.BAKEHOUSE_COMMIT = checkout(scm).GIT_COMMIT
  }
  sh(label: 'install', script: '''#!/bin/sh
set -eu
missing() {
  echo "install: $1" >&2
  exit 4
}
command -v node >/dev/null || missing 'this agent has no node on its PATH: install Node 20.19 or later'
command -v npm >/dev/null || missing 'this agent has no npm on its PATH: it comes with Node'
[ -f package-lock.json ] || missing 'the commit has no package-lock.json: run npm install, and commit the file'
program=node_modules/.bin/bakehouse
installed=node_modules/.bakehouse-lock
if ! cmp -s package-lock.json "$installed"; then
  rm -f "$installed"
  npm ci --include=dev --no-audit --no-fund
  cp package-lock.json "$installed"
fi
[ -x "$program" ] || missing 'package-lock.json does not have bakehouse: run npm install --save-dev bakehouse, and commit package.json and package-lock.json'
''')
}

def manifests() {
  if (params.MANIFESTS_URL || params.MANIFESTS_REF) {
    dir('manifests.checkout') {
      def remotes = params.MANIFESTS_URL ? [[url: params.MANIFESTS_URL, credentialsId: params.MANIFESTS_CREDENTIALS]] : scm.userRemoteConfigs
      if (env.MANIFESTS_COMMIT) {
        checkout(changelog: false, poll: false, scm: gitAt(env.MANIFESTS_COMMIT, remotes))
      } else {
        env.MANIFESTS_COMMIT = checkout(gitAt(params.MANIFESTS_REF ?: 'main', remotes)).GIT_COMMIT
      }
    }
  }
}

Map gitAt(String commit, remotes) {
  return [$class: 'GitSCM', branches: [[name: commit]], userRemoteConfigs: remotes]
}

def send(String name, String files) {
  stash(name: name, includes: files, excludes: '**/.work/**', allowEmpty: true)
  stashes << name
}

def gather() {
  dir('results') {
    deleteDir()
    for (String name in stashes) {
      unstash(name)
    }
  }
}

def readBuildFile() {
  buildFile += parsed(readFile('build.json'))
  currentBuild.displayName = buildFile.name
  currentBuild.description = buildFile.description
}

@NonCPS
Map parsed(String text) {
  return new JsonSlurper().parseText(text).collectEntries { name, value -> [name, value instanceof List ? value.collect { it.toString() } : value] }
}

def goOn(String result, Closure body) {
  catchError(buildResult: result, stageResult: 'FAILURE', catchInterruptions: false) { body() }
}

def withAws(Closure body) {
  if (params.AWS_CREDENTIALS) {
    withCredentials([usernamePassword(credentialsId: params.AWS_CREDENTIALS, usernameVariable: 'AWS_ACCESS_KEY_ID', passwordVariable: 'AWS_SECRET_ACCESS_KEY')]) { body() }
  } else {
    body()
  }
}

def locked(List resources, Closure body) {
  List others = resources.drop(1).collect { [resource: it] }
  optional({ inner -> lock([resource: resources[0], extra: others], inner) }, body)
}

def optional(Closure around, Closure body) {
  boolean begun = false
  try {
    around({ begun = true; body() })
  } catch (NoSuchMethodError missing) {
    if (begun) {
      throw missing
    }
    body()
  }
}

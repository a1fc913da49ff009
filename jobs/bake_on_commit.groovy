// Job DSL: the one job that bakes and cleans up; the others start its builds. It builds one at a time, so no two builds meet.
// jobs/seed.jenkinsfile binds repository, branch and credentials; a seed of your own need not, where its checkout sets GIT_URL.
// Job DSL takes no file whose name has a - in it.
String gitUrl = binding.hasVariable('repository') ? repository : binding.hasVariable('GIT_URL') ? GIT_URL : 'https://git.example.com/bakehouse.git'
String gitBranch = binding.hasVariable('branch') ? branch : 'main'
String gitCredentials = binding.hasVariable('credentials') ? credentials : ''

pipelineJob('bake-on-commit') {
  description('Bakes the nodes that a commit changes, and what the other jobs ask for. Made by jobs/bake_on_commit.groovy.')
  properties {
    disableConcurrentBuilds()
    pipelineTriggers {
      triggers {
        // It is also what a hook of the git host (git/notifyCommit) sets off at once.
        pollSCM { scmpoll_spec('H/15 * * * *') }
        // Polling misses a commit that a cleanup, or a bake of another node or ref, checked out first. A nightly plan finds it by
        // the images' digests, and tries failed bakes again.
        cron { spec('H H(4-6) * * *') }
      }
    }
  }
  // Those of the Jenkinsfile, word for word: without them the first build would drop what another job passes.
  parameters {
    stringParam('NODES', '', 'Nodes of nodes.yaml, separated by spaces. Empty: all nodes.')
    booleanParam('FORCE', false, 'Bake these nodes also when nothing has changed.')
    booleanParam('DRY_RUN', false, 'Plan only: show what would be baked.')
    stringParam('KEEP', '', 'Verified images to keep of each node without keep in nodes.yaml. Empty: 5.')
    stringParam('REASON', '', 'Why; shown in the list of builds.')
    stringParam('MANIFESTS_URL', '', 'Git repository of the Puppet manifests. Empty: this repository.')
    stringParam('MANIFESTS_REF', '', 'Branch, tag or commit of the manifests. Empty: main, or the commit of this job.')
    stringParam('MANIFESTS_DIR', '', 'Folder of the Puppet environment there. Empty: its root, or BAKEHOUSE_MANIFESTS.')
    stringParam('MANIFESTS_CREDENTIALS', '', 'Id of the credential for that repository. Empty: none.')
    stringParam('AWS_CREDENTIALS', '', "Id of a username and password credential: an AWS key. Empty: the agent's role.")
    stringParam('AGENT', 'bakehouse', 'Label of the agents.')
    stringParam('PARALLEL', '4', 'Nodes to bake at the same time.')
    choiceParam('PROMOTE', ['no', 'yes', 'ask'], 'Put verified images into service; ask: if somebody approves.')
    booleanParam('CLEANUP_ONLY', false, 'Do not bake: clean up old images, and leftovers of ended builds.')
    booleanParam('APPLY', false, 'With CLEANUP_ONLY: delete. Otherwise only show what would be deleted.')
  }
  definition {
    cpsScm {
      lightweight()
      scm {
        git {
          remote {
            url(gitUrl)
            if (gitCredentials) {
              credentials(gitCredentials)
            }
          }
          branch(gitBranch)
        }
      }
      scriptPath('Jenkinsfile')
    }
  }
}

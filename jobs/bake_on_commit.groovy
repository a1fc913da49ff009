// Job DSL: the one job that bakes and cleans up; the others are its doors. It builds one at a time, so no two builds meet.
// jobs/seed.jenkinsfile binds repository, branch and credentials; a seed of your own need not, where its checkout sets GIT_URL.
// Job DSL takes no file whose name has a - in it.
String gitUrl = binding.hasVariable('repository') ? repository : binding.hasVariable('GIT_URL') ? GIT_URL : 'https://git.example.com/bakehouse.git'
String gitBranch = binding.hasVariable('branch') ? branch : 'main'
String gitCredentials = binding.hasVariable('credentials') ? credentials : ''

pipelineJob('bake-on-commit') {
  description('Bakes what a commit touches, and what the other jobs ask for. Made by jobs/bake_on_commit.groovy.')
  properties {
    disableConcurrentBuilds()
    pipelineTriggers {
      triggers {
        // It is also what a hook of the git host (git/notifyCommit) sets off at once.
        pollSCM { scmpoll_spec('H/15 * * * *') }
        // Polling compares with what any build of this job has checked out: a commit that a cleanup, or a bake of another
        // node or ref, saw first is no change any more. The images' digests know it still; a failed bake is tried again, too.
        cron { spec('H H(4-6) * * *') }
      }
    }
  }
  // Those of the Jenkinsfile, word for word: the first build would drop what a door hands over without them.
  parameters {
    stringParam('NODES', '', 'Only these nodes of nodes.yaml, separated by spaces; empty: all.')
    booleanParam('FORCE', false, 'Bake them whatever their images are.')
    booleanParam('DRY_RUN', false, 'Only plan: say what would be baked.')
    stringParam('KEEP', '', 'Verified images to keep of each node that has no keep in nodes.yaml; empty: 5.')
    stringParam('REASON', '', 'For whoever reads the list of builds.')
    stringParam('MANIFESTS_URL', '', 'Git repository of the Puppet manifests; empty: this one.')
    stringParam('MANIFESTS_REF', '', 'Its branch, tag or commit; empty: main, or what this job has checked out.')
    stringParam('MANIFESTS_DIR', '', "The environment's folder there; empty: its root, or templates/environment of this repository.")
    stringParam('MANIFESTS_CREDENTIALS', '', 'Id of the credential for that repository; empty: none.')
    stringParam('AWS_CREDENTIALS', '', "Id of a user name and password that are an AWS access key; empty: the agent's own role.")
    stringParam('AGENT', 'bakehouse', 'Label of the agents.')
    stringParam('PARALLEL', '4', 'How many nodes are baked at the same time.')
    booleanParam('CLEANUP_ONLY', false, 'Bake nothing: clean up old images, and what dead builds left.')
    booleanParam('APPLY', false, 'With CLEANUP_ONLY: delete, not only say what would be deleted.')
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

// Job DSL: the one job that bakes and cleans up; the others are its doors. It builds one at a time, so no two builds meet.
// jobs/seed.jenkinsfile binds repository, branch and credentials. Job DSL takes no file whose name has a - in it.
String gitUrl = repository
String gitBranch = branch
String gitCredentials = credentials

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
  // Those of the Jenkinsfile: without them the first build would drop what a door hands over.
  parameters {
    stringParam('NODES', '', 'Nodes to look at, separated by spaces or commas; empty: all of nodes.yaml')
    booleanParam('FORCE', false, 'Bake them also when nothing has changed')
    booleanParam('DRY_RUN', false, 'Plan only: say what would be baked, and why')
    stringParam('KEEP', '', 'Verified images to keep of each node; empty: what nodes.yaml says, else 5')
    stringParam('REASON', '', 'Why, for the description of the build')
    stringParam('MANIFESTS_URL', '', 'Git repository of the manifests; empty: this one')
    stringParam('MANIFESTS_REF', 'main', 'Branch, tag or commit of the manifests')
    stringParam('MANIFESTS_DIR', '', 'Folder of the environment in that repository; empty: its root')
    stringParam('MANIFESTS_CREDENTIALS', '', 'Id of the credentials for that repository; empty: none')
    stringParam('AWS_CREDENTIALS', '', 'Id of a username (access key id) with password (secret); empty: the role of the agent')
    stringParam('AGENT', 'bakehouse', 'Label of the agents')
    stringParam('PARALLEL', '4', 'Nodes that are baked at once')
    booleanParam('CLEANUP_ONLY', false, 'Bake nothing: clean up, leaks too')
    booleanParam('APPLY', false, 'With CLEANUP_ONLY: delete, not only say what would be deleted')
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

// Job DSL: the job that makes these jobs, under the name that it was given, so that there are never two of it.
// jobs/seed.jenkinsfile binds what it ran with: what was chosen for a build by hand is the default of the next.
String gitUrl = binding.hasVariable('repository') ? repository : binding.hasVariable('GIT_URL') ? GIT_URL : 'https://git.example.com/bakehouse.git'
String gitBranch = binding.hasVariable('branch') ? branch : 'main'
String gitCredentials = binding.hasVariable('credentials') ? credentials : ''
String label = binding.hasVariable('agent') ? agent : 'bakehouse'
boolean confined = binding.hasVariable('sandboxed') && sandboxed

pipelineJob(binding.hasVariable('ownName') ? ownName : 'seed') {
  description('Makes the jobs as jobs/*.groovy say, with the nodes of nodes.yaml as choices. Made by jobs/seed.groovy.')
  properties {
    disableConcurrentBuilds()
    pipelineTriggers {
      triggers {
        pollSCM { scmpoll_spec('H/15 * * * *') }
      }
    }
    buildDiscarder {
      strategy {
        logRotator {
          numToKeepStr('50')
          daysToKeepStr('')
          artifactNumToKeepStr('')
          artifactDaysToKeepStr('')
        }
      }
    }
  }
  parameters {
    stringParam('AGENT', label, 'Label of the agents')
    booleanParam('SANDBOX', confined, 'Job DSL in its sandbox: nothing to approve, but this job must run as a user')
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
      scriptPath('jobs/seed.jenkinsfile')
    }
  }
}

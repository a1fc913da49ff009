// Job DSL: the job that makes these jobs, under its own name, so that there are never two of it.
// jobs/seed.jenkinsfile binds its parameters: those of a build by hand are the next build's defaults.
String gitUrl = binding.hasVariable('repository') ? repository : binding.hasVariable('GIT_URL') ? GIT_URL : 'https://git.example.com/bakehouse.git'
String gitBranch = binding.hasVariable('branch') ? branch : 'main'
String gitCredentials = binding.hasVariable('credentials') ? credentials : ''
String label = binding.hasVariable('agent') ? agent : 'bakehouse'
boolean confined = binding.hasVariable('sandboxed') && sandboxed

pipelineJob(binding.hasVariable('ownName') ? ownName : 'seed') {
  description('Makes the jobs of jobs/*.groovy, with the nodes of nodes.yaml as choices. Made by jobs/seed.groovy.')
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
    booleanParam('SANDBOX', confined, 'Run Job DSL in its sandbox: no script approvals, but this job must run as a user')
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

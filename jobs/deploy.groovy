// Job DSL: writes facts of a node into its file, commits and pushes them, and has the node baked. Another job, or a program,
// starts it with NODE and FACTS. jobs/seed.jenkinsfile binds repository, branch, credentials and agent.
String gitUrl = binding.hasVariable('repository') ? repository : binding.hasVariable('GIT_URL') ? GIT_URL : 'https://git.example.com/bakehouse.git'
String gitBranch = binding.hasVariable('branch') ? branch : 'main'
String gitCredentials = binding.hasVariable('credentials') ? credentials : ''
String label = binding.hasVariable('agent') ? agent : 'bakehouse'

pipelineJob('deploy') {
  description('Writes facts of a node into its file, commits and pushes them, and has the node baked. Made by jobs/deploy.groovy.')
  properties {
    disableConcurrentBuilds()
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
    stringParam('NODE', '', 'Node of nodes.yaml. It has facts_from')
    stringParam('FACTS', '', 'Facts as name=value, separated by spaces: version=1.4.2')
    stringParam('FILE', '', 'Which file of facts_from. Empty: the only one')
    stringParam('PUSH_CREDENTIALS', '', "Id of a username and password credential that may push. Empty: the agent's own access")
    stringParam('AGENT', label, 'Label of the agents')
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
      scriptPath('jobs/deploy.jenkinsfile')
    }
  }
}

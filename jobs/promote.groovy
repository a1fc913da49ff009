// Job DSL: puts an image of a node into service by hand, the one before back, or takes one out of service. jobs/seed.jenkinsfile
// binds nodes, repository, branch, credentials and agent.
String gitUrl = binding.hasVariable('repository') ? repository : binding.hasVariable('GIT_URL') ? GIT_URL : 'https://git.example.com/bakehouse.git'
String gitBranch = binding.hasVariable('branch') ? branch : 'main'
String gitCredentials = binding.hasVariable('credentials') ? credentials : ''
List<String> choices = binding.hasVariable('nodes') ? nodes : []
String label = binding.hasVariable('agent') ? agent : 'bakehouse'

pipelineJob('promote') {
  description('Puts an image into service, the one before back, or takes one out of service. Made by jobs/promote.groovy.')
  properties {
    buildDiscarder {
      strategy {
        logRotator {
          numToKeepStr('200')
          daysToKeepStr('')
          artifactNumToKeepStr('')
          artifactDaysToKeepStr('')
        }
      }
    }
  }
  parameters {
    choiceParam('ACTION', ['promote', 'rollback', 'revoke'], 'rollback: the image that was current before. revoke: never use IMAGE again')
    if (choices) {
      choiceParam('NODE', [''] + choices, 'Node. Empty for revoke')
    } else {
      stringParam('NODE', '', 'Node. Empty for revoke')
    }
    stringParam('IMAGE', '', "ami-..., in the account's own region. Empty: the newest verified one. Needed for revoke, empty for rollback")
    stringParam('REASON', '', 'Why. Needed for revoke')
    booleanParam('APPLY', false, 'Do it. Otherwise only show what would be done')
    stringParam('AWS_CREDENTIALS', '', "Id of a username and password credential: an AWS key. Empty: the agent's role")
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
      scriptPath('jobs/promote.jenkinsfile')
    }
  }
}

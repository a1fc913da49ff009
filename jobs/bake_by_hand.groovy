// Job DSL: a person picks a node and presses Build. jobs/seed.jenkinsfile binds nodes, the names in nodes.yaml.
List<String> choices = ['all that plan says'] + (binding.hasVariable('nodes') ? nodes : [])
String pipelineText = readFileFromWorkspace('jobs/bake-by-hand.jenkinsfile')

pipelineJob('bake-by-hand') {
  description('Bakes the chosen nodes, as a build of bake-on-commit. Made by jobs/bake_by_hand.groovy.')
  properties {
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
    choiceParam('NODE', choices, 'Node to bake')
    stringParam('NODES', '', 'Further nodes, separated by spaces or commas')
    stringParam('MANIFESTS_REF', '', 'Branch, tag or commit of the manifests. Empty: as in bake-on-commit')
    stringParam('REASON', '', 'Why; shown in the list of builds')
    booleanParam('FORCE', false, 'Bake also when nothing has changed')
    stringParam('KEEP', '', 'Verified images to keep of each node without keep in nodes.yaml. Empty: 5')
    booleanParam('DRY_RUN', false, 'Plan only: show what would be baked, and why')
  }
  definition {
    cps {
      script(pipelineText)
      sandbox()
    }
  }
}

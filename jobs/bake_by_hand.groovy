// Job DSL: a person picks a node and presses Build. jobs/seed.jenkinsfile binds nodes, the names in nodes.yaml.
List<String> choices = ['all that plan says'] + (binding.hasVariable('nodes') ? nodes : [])
String door = readFileFromWorkspace('jobs/bake-by-hand.jenkinsfile')

pipelineJob('bake-by-hand') {
  description('Bakes what is chosen, as a build of bake-on-commit. Made by jobs/bake_by_hand.groovy.')
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
    choiceParam('NODE', choices, 'What to bake')
    stringParam('NODES', '', 'Further nodes, separated by spaces or commas')
    stringParam('MANIFESTS_REF', '', 'Branch, tag or commit of the manifests; empty: that of bake-on-commit')
    stringParam('REASON', '', 'Why, for the description of the build')
    booleanParam('FORCE', false, 'Bake them also when nothing has changed')
    stringParam('KEEP', '', 'Verified images to keep of each node that has no keep in nodes.yaml; empty: 5')
    booleanParam('DRY_RUN', false, 'Plan only: say what would be baked, and why')
  }
  definition {
    cps {
      script(door)
      sandbox()
    }
  }
}

/** What a Job DSL file is run as: what it has bound, and what can be called outside of a block. */
abstract class JobScript extends Script {
  void pipelineJob(String name, Closure body) {
    binding.getVariable('made').add(Context.within(new PipelineJob(name), body).record)
  }

  /** Read as Job DSL does it, in the character set of the computer that it runs on: here one that knows ASCII only. */
  String readFileFromWorkspace(String path) {
    new File(binding.getVariable('workspace').toString(), path).getText('US-ASCII')
  }
}

/** Jenkins imports an annotation of this name into every pipeline. */
@interface NonCPS {
}

/**
 * The id of what carries the work out, added to what a step is called with: the execution's own name. Whoever starts
 * an execution, and however close in time, no two have the same; the same execution calls a step again under it.
 */
export const owner = { 'owner.$': '$$.Execution.Name' } as const

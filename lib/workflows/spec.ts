import type { TaskFunction } from './call.ts'
import type { Definition } from './definition.ts'

/** What an operator types into the console to start a workflow. It ends in a JSON text: every value is bounded by a pattern. */
export type Parameter = {
  readonly description: string
  /** The field of the workflow's input. */
  readonly field: string
  /** How the value stands in the JSON: in quotes, or bare (`true`, `false`). */
  readonly as: 'text' | 'boolean'
  readonly default?: string
  /** Absent for booleans, and where only `allowedValues` make sense. */
  readonly allowedPattern?: string
}

/** One workflow: its state machine, and what the console says about it. Whatever is deployed for it follows from this. */
export type WorkflowSpec = {
  /** In the names of documents and constructs: `Switchover`. */
  readonly name: string
  /** The file in `lambdas/` that does the work, and the longest one call may take, in seconds. */
  readonly handler: string
  readonly handlerSeconds: number
  /** Markdown: what it does, what it needs, how to undo it. */
  readonly guide: string
  readonly parameters: Readonly<Record<string, Parameter>>
  /** Asks the approvers first, if there are any, when it is started in the console. */
  readonly dangerous: boolean
  /** What an abort asks the act function for, once the execution is stopped: a chain's pending request must not outlive it. */
  readonly onAbort?: { readonly act: 'withdraw' }
  readonly define: (task: TaskFunction) => Definition
}

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
  /** Absent for booleans, and where there is a list. */
  readonly allowedPattern?: string
  readonly allowedValues?: readonly string[]
}

/**
 * One workflow: its state machine, and what the console says about it. Whatever is deployed for it
 * follows from this: function, role, log, state machine, and the documents that start, watch and abort it.
 *
 * To add one:
 * 1. `lib/workflows/<name>/`: the definition (tasks by `call`, each end a state of its own name) and the spec.
 * 2. `lib/aws/<name>/`: its steps, each safe to be called again, with their input as a valibot schema; and
 *    `lambdas/<name>.ts`, which dispatches to them. Errors that another try cannot heal: `FINAL` in `call.ts`.
 * 3. `lib/cdk/baton.ts`: a line in `workflows`, with what the function may do.
 * 4. `test/cdk/iam.test.ts`: its two roles, to the letter; `run-machine.ts` runs its definition.
 */
export type WorkflowSpec = {
  /** In the names of documents and constructs: `Switchover`. */
  readonly name: string
  /** The file in `lambdas/` that does the work, and the longest one call may take, in seconds. */
  readonly handler: string
  readonly handlerSeconds: number
  /** Markdown: what it does, what it needs, how to undo it. */
  readonly guide: string
  readonly parameters: Readonly<Record<string, Parameter>>
  /** Asks the approvers first, if there are any, when it is started in the console, unless `DryRun` is chosen: it needs that parameter. */
  readonly dangerous: boolean
  /** What an abort asks the act function for, once the execution is stopped: a chain's pending request must not outlive it. */
  readonly onAbort?: { readonly act: 'withdraw' }
  readonly define: (task: TaskFunction) => Definition
}

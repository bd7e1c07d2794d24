/**
 * A state machine in the Amazon States Language, as data. JSONPath only: the interpreter that runs the same definitions
 * locally silently ignores JSONata and has no `Assign`.
 */
export type Definition = {
  readonly Comment: string
  readonly StartAt: string
  /** Seconds until the whole execution times out, whatever it waits for. */
  readonly TimeoutSeconds: number
  readonly States: Readonly<Record<string, State>>
}

type Next = { readonly Next: string } | { readonly End: true }

/** Where a failed task leads. */
export type Catch = { readonly ErrorEquals: readonly string[]; readonly ResultPath: string; readonly Next: string }

/** The states that Baton's workflows use. */
export type State =
  | ({
      readonly Type: 'Task'
      readonly Comment?: string
      readonly Resource: string
      readonly Parameters: object
      readonly ResultSelector?: object
      readonly ResultPath: string
      readonly TimeoutSeconds: number
      readonly Retry: readonly object[]
      readonly Catch: readonly Catch[]
    } & Next)
  | ({
      readonly Type: 'Pass'
      readonly Parameters?: object
      readonly ResultPath?: string
    } & Next)
  | {
      readonly Type: 'Choice'
      readonly Comment?: string
      readonly Choices: readonly object[]
      readonly Default: string
    }
  | ({ readonly Type: 'Wait'; readonly Seconds: number } & Next)
  | { readonly Type: 'Succeed'; readonly Comment?: string }
  | {
      readonly Type: 'Fail'
      readonly Comment?: string
      readonly Error: string
      readonly Cause?: string
      readonly CausePath?: string
    }

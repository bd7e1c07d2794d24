/**
 * A state machine in the Amazon States Language, as data. JSONPath only: the interpreter that runs
 * the same definitions locally ignores JSONata without a word, and has no `Assign`.
 */
export type Definition = {
  readonly Comment: string
  readonly StartAt: string
  /** The whole execution ends after this many seconds, whatever it waits for. */
  readonly TimeoutSeconds: number
  readonly States: Readonly<Record<string, State>>
}

type Next = { readonly Next: string } | { readonly End: true }

/** What a failed task leads to. */
export type Catch = { readonly ErrorEquals: readonly string[]; readonly ResultPath: string; readonly Next: string }

/** The states Baton's workflows are made of. */
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

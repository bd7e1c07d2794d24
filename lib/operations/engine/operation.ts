import type * as v from 'valibot'
import type { Document } from './document.ts'

/** What a failed step leaves for the one that follows: the error's name and sentence. */
export type Caught = { readonly Error: string; readonly Cause: string }

/** What a step works with. */
export type Call<Ports, Input, State> = {
  readonly ports: Ports
  readonly input: Input
  /** What the steps before have left, as {@link Operation.state} has it. */
  readonly state: State
  /** The id of the run: an execution, a process, a command. Two runs never share one; the steps of one run do. */
  readonly owner: string
  /** Why the step before failed; only in a step that others name as `failed`. */
  readonly error: Caught | undefined
  /** How long one call of a step that waits may take, in ms. */
  readonly sliceMs: number
  /** Aborts when the run is to end where it can be left. */
  readonly signal: AbortSignal
  /** Reports what a person should see now. */
  readonly report: (text: string) => void
  /** Reports how far the step is; each line replaces the one before. */
  readonly progress: (text: string) => void
}

/** What a step came to: the outcome decides what is next, the text is for people, the state goes to the steps after it. */
export type Came = { readonly outcome: string; readonly text: string; readonly state?: object }

/** One step: one call of a function, one visible state of the state machine. May be called again without harm, unless `once`. */
export type Step<Ports, Input, State> = {
  /** What it does, in the imperative: a line of the plan. */
  readonly does: string
  readonly run: (call: Call<Ports, Input, State>) => Promise<Came>
  /** One try takes no longer, in seconds. */
  readonly seconds: number
  readonly sliceMs?: number
  /** What an unanswered try has done is unknown and must not be done twice. */
  readonly once?: true
  readonly next: string
  /** Where to go when every try failed. */
  readonly failed: string
}

/** Goes by the outcome of the last step. */
export type ByOutcome = { readonly outcomes: Readonly<Record<string, string>>; readonly otherwise: string }
/** Goes by the input: whether a field is given; a boolean counts when it is true. */
export type ByInput = { readonly given: string; readonly yes: string; readonly no: string }
/** Pauses. */
export type Wait = { readonly waitSeconds: number; readonly next: string }
/** Goes on to `again`, and after so many times to `after`; `enough` is the name of the question it asks. */
export type Bound = { readonly most: number; readonly enough: string; readonly again: string; readonly after: string }
/** An end, by the name an operator sees in red or green. A failure says why: a fixed sentence, the last step's text, or its error. */
export type End =
  | { readonly end: 'succeeded'; readonly comment: string }
  | {
      readonly end: 'failed'
      readonly error: string
      readonly why: { readonly text: string } | 'text' | 'error'
      readonly comment?: string
    }

/** One state of an operation. */
export type Node<Ports, Input, State> = Step<Ports, Input, State> | ByOutcome | ByInput | Wait | Bound | End

/** The graph of an operation without what its steps do: all that a state machine, a plan and a page need. */
export type Graph = {
  /** In the names of state machines and documents: `Switchover`. */
  readonly name: string
  readonly comment: string
  /** The longest one call of its function may take, in seconds. */
  readonly handlerSeconds: number
  /** A whole run ends after this time, whatever it waits for, in seconds. */
  readonly timeoutSeconds: number
  readonly start: string
  readonly nodes: Readonly<Record<string, Node<never, never, never>>>
  /** What the console asks for and says about it. */
  readonly document: Document
}

/** An operation: its steps as data, from which the local run and the state machine are made. */
export type Operation<Ports, Input, State> = Omit<Graph, 'nodes'> & {
  readonly nodes: Readonly<Record<string, Node<Ports, Input, State>>>
  /** What is asked for. */
  readonly input: v.GenericSchema<unknown, Input>
  /** What is carried from step to step, as JSON. */
  readonly state: v.GenericSchema<unknown, State>
}

/** Whether a node is a step. */
export function isStep<P, I, S>(node: Node<P, I, S> | undefined): node is Step<P, I, S> {
  return node !== undefined && 'run' in node
}

/** The steps in their order: what a plan lists and a state machine shows. */
export function stepsOf({ nodes }: Pick<Graph, 'nodes'>): readonly { readonly name: string; readonly does: string }[] {
  return Object.entries(nodes).flatMap(([name, node]) => (isStep(node) ? [{ name, does: node.does }] : []))
}

/** The steps that follow the failure of another one: they are handed its error. */
export function failureSteps(nodes: Graph['nodes']): ReadonlySet<string> {
  const failed = Object.values(nodes).flatMap((node) => (isStep(node) ? [node.failed] : []))
  return new Set(failed.filter((name) => isStep(nodes[name])))
}

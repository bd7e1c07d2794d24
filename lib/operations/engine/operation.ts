import type * as v from 'valibot'
import type { Document } from './document.ts'

/** What a failed step passes to its failure step: the error's name and message. */
export type Caught = { readonly Error: string; readonly Cause: string }

/** The arguments of a step. */
export type Call<Ports, Input, State> = {
  readonly ports: Ports
  readonly input: Input
  /** What earlier steps left, parsed by {@link Operation.state}. */
  readonly state: State
  /** The id of the run: an execution, a process or a command. All steps of a run share it; no two runs do. */
  readonly owner: string
  /** Why the previous step failed; present only in a step that another names as `failed`. */
  readonly error: Caught | undefined
  /** How long one call of a waiting step may take, in ms. */
  readonly sliceMs: number
  /** Aborts when the run should end at its next safe point. */
  readonly signal: AbortSignal
  /** Reports a message for the operator. */
  readonly report: (text: string) => void
  /** Reports progress; each line replaces the previous one. */
  readonly progress: (text: string) => void
}

/** The result of a step: `outcome` selects the next node, `text` is for people, `state` is merged for later steps. */
export type Came = { readonly outcome: string; readonly text: string; readonly state?: object }

/** One step: one call of a function and one visible state of the state machine. Safe to repeat, unless `once`. */
export type Step<Ports, Input, State> = {
  /** What it does, in the imperative; a line of the plan. */
  readonly does: string
  readonly run: (call: Call<Ports, Input, State>) => Promise<Came>
  /** Time limit of one attempt, in seconds. */
  readonly seconds: number
  readonly sliceMs?: number
  /** An unanswered attempt has an unknown effect and must not be repeated. */
  readonly once?: true
  readonly next: string
  /** The next node once all attempts have failed. */
  readonly failed: string
}

/** Branches on the outcome of the last step. */
export type ByOutcome = { readonly outcomes: Readonly<Record<string, string>>; readonly otherwise: string }
/** Branches on whether the input has a field; a boolean counts when true. */
export type ByInput = { readonly given: string; readonly yes: string; readonly no: string }
export type Wait = { readonly waitSeconds: number; readonly next: string }
/** Loops to `again` at most `most` times, then continues at `after`; `enough` is the name of its choice state. */
export type Bound = { readonly most: number; readonly enough: string; readonly again: string; readonly after: string }
/**
 * An end state; operators see its name in red or green. A failure gives its cause: a fixed sentence, the last step's
 * text, or its error.
 */
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

/** The graph of an operation without its code: all that a state machine, a plan and a page need. */
export type Graph = {
  /** The name in state machines and documents: `Switchover`. */
  readonly name: string
  readonly comment: string
  /** Time limit of one call of its function, in seconds. */
  readonly handlerSeconds: number
  /** Time limit of a whole run, whatever it waits for, in seconds. */
  readonly timeoutSeconds: number
  readonly start: string
  readonly nodes: Readonly<Record<string, Node<never, never, never>>>
  /** How it appears in the console. */
  readonly document: Document
}

/** An operation: its steps as data. The local run and the state machine are both derived from it. */
export type Operation<Ports, Input, State> = Omit<Graph, 'nodes'> & {
  readonly nodes: Readonly<Record<string, Node<Ports, Input, State>>>
  /** The input. */
  readonly input: v.GenericSchema<unknown, Input>
  /** The state passed from step to step, as JSON. */
  readonly state: v.GenericSchema<unknown, State>
}

export function isStep<P, I, S>(node: Node<P, I, S> | undefined): node is Step<P, I, S> {
  return node !== undefined && 'run' in node
}

/** The steps in order, as a plan lists them and a state machine shows them. */
export function stepsOf({ nodes }: Pick<Graph, 'nodes'>): readonly { readonly name: string; readonly does: string }[] {
  return Object.entries(nodes).flatMap(([name, node]) => (isStep(node) ? [{ name, does: node.does }] : []))
}

/** The steps that handle another step's failure and receive its error. */
export function failureSteps(nodes: Graph['nodes']): ReadonlySet<string> {
  const failed = Object.values(nodes).flatMap((node) => (isStep(node) ? [node.failed] : []))
  return new Set(failed.filter((name) => isStep(nodes[name])))
}

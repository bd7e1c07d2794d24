import { randomUUID } from 'node:crypto'
import type { Clock } from '../../context/ports.ts'
import { readInput } from './errors.ts'
import { isFinal } from './final-errors.ts'
import { type ByInput, type End, failureSteps, isStep, type Operation, type Step } from './operation.ts'
import { type Taken, takeStep, type Watched } from './take-step.ts'

/** How a local run is watched and ended. */
export type Running = Watched & {
  readonly owner?: string | undefined
  /** Called before each step with the name of its state on AWS. */
  readonly onStep?: ((name: string) => void) | undefined
  /** Called with the result of each step. */
  readonly onCame?: ((name: string, came: Taken) => void) | undefined
}

/** How a run ended: the name of its end state, the last result, and the error that led there. */
export type Ended<State = unknown> = {
  readonly name: string
  readonly succeeded: boolean
  readonly came: Taken
  readonly state: State
  readonly error?: unknown
}

/**
 * Same retry policy as the state machine: number of retries, and the first pause in ms, doubled for each further one.
 */
const TRIES = 3
const PAUSE_MS = 1_000

/**
 * Runs an operation in this process as its state machine runs it on AWS: same steps, order, retries, waits and bounds.
 * Input and state pass through JSON here too.
 */
export async function runHere<Ports extends { readonly clock: Clock }, Input, State>(
  operation: Operation<Ports, Input, State>,
  ports: Ports,
  input: object,
  { owner = randomUUID(), onStep, onCame, ...watched }: Running = {},
): Promise<Ended<State>> {
  const counts = new Map<string, number>()
  const failures = failureSteps(operation.nodes)
  let came: Taken = { outcome: '', text: '', state: {} }
  let error: unknown
  for (let name = operation.start; ; ) {
    const node = operation.nodes[name]
    if (!node) throw new TypeError(`${operation.name} has no state "${name}"`)
    if ('end' in node) return { ...endOf(name, node, came, error), state: readInput(operation.state, came.state) }
    if (isStep(node)) {
      onStep?.(name)
      const after = failures.has(name)
      const caught = after ? { Error: nameOf(error), Cause: messageIn(error) } : undefined
      const call = { step: name, owner, input, state: came.state, error: caught }
      try {
        came = JSON.parse(JSON.stringify(await tryStep(ports, node, () => takeStep(operation, ports, call, watched))))
        onCame?.(name, came)
        name = node.next
      } catch (thrown) {
        // A failure step that fails too must not mask the original error.
        if (!after) error = thrown
        name = node.failed
      }
    } else if ('outcomes' in node) name = node.outcomes[came.outcome] ?? node.otherwise
    else if ('given' in node) name = isGiven(node, input) ? node.yes : node.no
    else if ('most' in node) {
      const count = (counts.get(name) ?? 0) + 1
      counts.set(name, count)
      name = count >= node.most ? node.after : node.again
    } else {
      await ports.clock.sleep(node.waitSeconds * 1_000, watched.signal)
      name = node.next
    }
  }
}

async function tryStep<T>(
  { clock }: { readonly clock: Clock },
  { once }: Pick<Step<never, never, never>, 'once'>,
  take: () => Promise<T>,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await take()
    } catch (error) {
      if (once || tries >= TRIES || isFinal(error)) throw error
      await clock.sleep(PAUSE_MS * 2 ** tries)
    }
  }
}

const isGiven = ({ given }: ByInput, input: object): boolean => {
  const value = (input as Readonly<Record<string, unknown>>)[given]
  return value !== undefined && value !== false
}

function endOf(name: string, { end }: End, came: Taken, error: unknown): Omit<Ended, 'state'> {
  return { name, succeeded: end === 'succeeded', came, ...(error !== undefined && { error }) }
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : 'Error')
const messageIn = (error: unknown) => (error instanceof Error ? error.message : String(error))

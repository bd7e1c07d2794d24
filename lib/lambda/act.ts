import * as v from 'valibot'
import type { ChainPorts } from '../context/ports.ts'
import { InvalidInputError } from '../operations/engine/errors.ts'
import { chainId, choice, natural, nodeName, text, widgetContext } from '../operations/engine/inputs.ts'
import { type ActName, actNames } from '../operator/act-names.ts'
import { type Done as ActDone, acts } from '../operator/acts.ts'
import { expectTerm } from './expect-term.ts'

/** Names of acts in version 0.1, still sent by its documents. */
const renamed: Readonly<Record<string, ActName>> = { withdraw: 'cancel-switchover' }

/** An operator's request, from any tool. */
export const actInput = v.object({
  act: v.pipe(
    v.string(`must be ${actNames.join(', ')}`),
    v.transform((name) => renamed[name] ?? name),
    v.picklist(actNames, `must be ${actNames.join(', ')}`),
  ),
  chain: chainId,
  /** The fields of the acts; each act takes the fields it knows and ignores empty ones. */
  to: nodeName,
  node: nodeName,
  why: text,
  notBefore: natural,
  force: choice,
  by: text,
  expectedTerm: natural,
  widgetContext: v.optional(widgetContext),
})

/** A validated {@link actInput}. */
export type ActInput = v.InferOutput<typeof actInput>

/** The result of an act. */
export type Done = Pick<ActDone, 'message' | 'leader' | 'term'> & { readonly chain: string }

/**
 * Applies an operator's act and records who requested it; with `expectedTerm`, only if the term still matches.
 *
 * @throws InvalidInputError when a field is missing.
 * @throws RefusedActError | TermChangedError when nothing was changed.
 * @throws StoreUnavailableError
 */
export async function perform(every: ChainPorts, input: ActInput): Promise<Done> {
  const act = acts[input.act]
  const fields = Object.entries(input).filter(([name, value]) => name in act.input.entries && value !== undefined)
  const given = v.safeParse(act.input, Object.fromEntries(fields))
  if (!given.success)
    throw new InvalidInputError(given.issues.map((issue) => `${v.getDotPath(issue)}: ${input.act} needs it`))
  const ports = expectTerm(every, input.expectedTerm)
  const { message, leader, term } = await act.run(ports, given.output, nameAsker(input))
  return { message, leader, term, chain: ports.chain.id }
}

/**
 * A widget does not identify its viewer: the operator may enter a name, which is unverified. CloudTrail has the real
 * one.
 */
function nameAsker({ by, widgetContext: context }: ActInput): string {
  if (!context) return by ?? 'an operator without a name'
  const written = v.safeParse(text, context.forms?.all?.by)
  const name = written.success ? written.output : undefined
  return `${name ?? by ?? 'somebody'} (dashboard of ${context.accountId ?? 'the account'})`
}

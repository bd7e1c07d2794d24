import { readFileSync } from 'node:fs'
import type { Envelope } from '../../lib/chain/envelope.ts'
import type { Hash } from '../../lib/protocol/block.ts'

/** A block of a fork, as an execution client answers it with all its transactions. */
type Block = { readonly hash: Hash; readonly number: string }

/** What optimism's own code makes of a block: the payload, and what op-node would have built next. */
export type ForkFixture = {
  readonly fork: string
  readonly block: Block
  readonly envelope: Envelope
  readonly attributes: Readonly<Record<string, unknown>>
}

type Printed = Pick<ForkFixture, 'fork' | 'block'> & Partial<ForkFixture>

const printed = JSON.parse(readFileSync(new URL('../fixtures/forks.json', import.meta.url), 'utf8')) as Printed[]

/** A block of each fork that this version knows, oldest fork first. */
export const forkFixtures = printed.filter((fixture): fixture is ForkFixture => fixture.envelope !== undefined)

/** A block whose header has fields that no OP Stack block has so far. */
export const laterBlock = printed.find(({ envelope }) => !envelope)?.block
